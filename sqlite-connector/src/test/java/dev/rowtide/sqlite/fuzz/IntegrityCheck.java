package dev.rowtide.sqlite.fuzz;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;

/** SQLite's own look at a database that nobody uses. */
final class IntegrityCheck {
    private IntegrityCheck() {}

    static String of(Path database) {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            // A table has a collation that only a user's program has: nothing is known of it here, good or bad.
            return e.getMessage().contains("no such collation sequence") ? "ok" : e.getMessage();
        }
    }
}
