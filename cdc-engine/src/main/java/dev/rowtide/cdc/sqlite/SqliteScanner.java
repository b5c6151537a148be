package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.snapshot.ScanEndedException;
import dev.rowtide.cdc.snapshot.SnapshotScan;
import dev.rowtide.cdc.snapshot.SnapshotScanner;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotRow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of SQLite as of one read transaction, which the connector begins for us ({@link ReadPoint}): so it is known behind which of its numbered commits the snapshot stands. While it is open, the
 * users' log cannot start over.
 *
 * <p>One thread, but for {@link #interrupt}.
 */
final class SqliteScanner implements SnapshotScanner {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteScanner.class);

    private final SqliteAddress address;
    private @Nullable Connection connection;
    private volatile @Nullable Statement running;

    SqliteScanner(SqliteAddress address) {
        this.address = address;
    }

    @Override
    public void scan(SnapshotScan scan, Output output) throws SourceFailure, ScanEndedException {
        try {
            Connection open = open();
            long seq = ReadPoint.begin(open, scan.run().connector());
            try {
                SqliteScanShape shape = SqliteScanShape.read(open, scan.resource(), scan.columns());
                output.begin(new SqliteCut(Position.boundary(scan.run().epoch(), seq)));
                Optional<SqlCondition> record =
                        scan.recordId() == null ? Optional.of(SqlCondition.NONE) : shape.record(scan.recordId());
                if (record.isPresent()) {
                    readRows(open, shape, scan, record.get().and(scan.condition()), output);
                }
            } finally {
                ReadPoint.rollback(open);
            }
        } catch (SQLException | IOException e) {
            close(); // also ends a transaction that was begun, should the connector have failed behind it
            throw SqliteFailures.explainReading(e, address, scan.resource());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SourceFailure.passing("reading was interrupted", e);
        }
    }

    private void readRows(
            Connection open, SqliteScanShape shape, SnapshotScan scan, SqlCondition condition, Output output)
            throws SQLException, ScanEndedException {
        try (PreparedStatement statement = open.prepareStatement(shape.select(condition))) {
            for (int i = 0; i < condition.parameters().size(); i++) {
                statement.setObject(i + 1, condition.parameters().get(i));
            }
            running = statement;
            try (ResultSet row = statement.executeQuery()) {
                @Nullable Object[] values = new Object[shape.columnCount()];
                while (row.next()) {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = row.getObject(i + 1);
                    }
                    SnapshotRow made = shape.row(values);
                    if (scan.recordId() == null
                            || (made.id() != null && made.id().text().equals(scan.recordId()))) {
                        output.row(made, characters(made));
                    }
                }
            } finally {
                running = null;
            }
        }
    }

    private static int characters(SnapshotRow row) {
        int characters = 0;
        for (int i = 0; i < row.data().shape().columns().size(); i++) {
            String json = row.data().json(i);
            characters += json == null ? 0 : json.length();
        }
        return characters;
    }

    private Connection open() throws SQLException {
        if (connection == null) {
            connection = address.connect();
        }
        return connection;
    }

    @Override
    public void interrupt() {
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.debug("Interrupting a snapshot failed", e);
            }
        }
    }

    @Override
    public void close() {
        running = null;
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("Closing a connection for snapshots failed", e);
            }
            connection = null;
        }
    }
}
