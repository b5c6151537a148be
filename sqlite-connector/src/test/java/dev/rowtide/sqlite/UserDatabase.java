package dev.rowtide.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A user of the database: one connection, through the same SQLite library as the connector, so that they share its locks. */
final class UserDatabase implements AutoCloseable {
    private final Connection connection;

    UserDatabase(Path file) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=10000");
        execute("pragma journal_mode=wal");
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** All statements in one transaction. */
    void transaction(String... statements) throws SQLException {
        execute("begin immediate");
        execute(statements);
        execute("commit");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
