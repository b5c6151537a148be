package dev.rowtide.cdc;

import dev.rowtide.cdc.sqlite.SqliteAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A SQLite database and a few ways to write to it, by the library that the connector uses, too: only another process, or the same copy of it, may touch the file.
 */
public record TestFile(Path path) {

    public Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 20000");
        }
        return connection;
    }

    /** Each string is run by itself, and is a transaction of its own unless it says otherwise. */
    public void execute(String... sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.executeUpdate(one); // unlike execute, all statements of the text
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of the first row, as text. */
    public String query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public String url() {
        return "sqlite:" + path;
    }

    /** As it is by default: all tables, or these. */
    public SqliteSource source(ResourceConfig... resources) {
        return new SqliteSource(
                SqliteAddress.parse(url()),
                SqliteSource.Follow.DEFAULT,
                ResourceConfig.Numbers.NUMBER,
                List.of(resources));
    }
}
