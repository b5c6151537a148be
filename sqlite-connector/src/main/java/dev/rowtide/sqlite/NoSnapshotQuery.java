package dev.rowtide.sqlite;

import io.debezium.annotation.ConnectorSpecific;
import io.debezium.snapshot.spi.SnapshotQuery;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Debezium does not start without a query for snapshots. Ours read the copy of the database and ask SQLite nothing. */
@ConnectorSpecific(connector = SqliteConnector.class)
public final class NoSnapshotQuery implements SnapshotQuery {

    /** The default of {@code snapshot.query.mode}. */
    @Override
    public String name() {
        return "select_all";
    }

    @Override
    public void configure(Map<String, ?> properties) {}

    @Override
    public Optional<String> snapshotQuery(String tableId, List<String> snapshotSelectColumns) {
        return Optional.empty();
    }
}
