package dev.rowtide.sqlite.log;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/** A connection that keeps one moment of the database for us while its transaction is open. Used by one thread. */
final class ReadTransaction implements AutoCloseable {
    private final Path database;
    private final Connection connection;
    private final PreparedStatement begin;
    private final PreparedStatement touch;
    private final PreparedStatement rollback;
    private boolean open;

    private ReadTransaction(Path database, Connection connection) throws SQLException {
        this.database = database;
        this.connection = connection;
        begin = connection.prepareStatement("BEGIN");
        // Takes the read lock, and unlike a query does not need the schema.
        touch = connection.prepareStatement("PRAGMA schema_version");
        rollback = connection.prepareStatement("ROLLBACK");
    }

    static ReadTransaction connect(Path database, Duration busyTimeout) throws SQLException {
        Connection connection = SqliteConnections.open(database, busyTimeout);
        try {
            return new ReadTransaction(database, connection);
        } catch (SQLException e) {
            SqliteConnections.closeAfter(connection, e);
            throw e;
        }
    }

    boolean isOpen() {
        return open;
    }

    void begin() throws SQLException {
        begin.execute();
        open = true;
        try (var result = touch.executeQuery()) {
            result.next();
        } catch (SQLException e) {
            try {
                end();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    void end() throws SQLException {
        if (open) {
            rollback.execute();
            open = false;
        }
    }

    /** As a reader among others. */
    LiveDatabase.Reader reader() {
        return new LiveDatabase.Reader() {
            @Override
            public void begin() throws IOException {
                beginOrFail();
            }

            @Override
            public void end() throws IOException {
                endOrFail();
            }
        };
    }

    /** The same for callers that have nothing to say about SQLite's reasons. */
    void beginOrFail() throws IOException {
        try {
            begin();
        } catch (SQLException e) {
            throw new IOException("Cannot begin to read " + database + ": " + e.getMessage(), e);
        }
    }

    void endOrFail() throws IOException {
        try {
            end();
        } catch (SQLException e) {
            throw new IOException("Cannot end reading " + database + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        open = false;
    }
}
