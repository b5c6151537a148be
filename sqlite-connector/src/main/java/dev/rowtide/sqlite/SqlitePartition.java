package dev.rowtide.sqlite;

import io.debezium.pipeline.spi.Partition;
import io.debezium.relational.AbstractPartition;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whose offsets these are: those of the connector with this {@code topic.prefix}. */
final class SqlitePartition extends AbstractPartition implements Partition {
    private static final String SERVER = "server";

    private final String server;

    SqlitePartition(String server, String databaseName) {
        super(databaseName);
        this.server = server;
    }

    @Override
    public Map<String, String> getSourcePartition() {
        return Map.of(SERVER, server);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SqlitePartition partition && partition.server.equals(server);
    }

    @Override
    public int hashCode() {
        return server.hashCode();
    }

    @Override
    public String toString() {
        return "SqlitePartition[" + server + "]";
    }

    static Partition.Provider<SqlitePartition> provider(SqliteConnectorConfig config) {
        return () -> Set.of(new SqlitePartition(config.getLogicalName(), config.databaseName()));
    }
}
