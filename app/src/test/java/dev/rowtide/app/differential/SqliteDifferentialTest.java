package dev.rowtide.app.differential;

import dev.rowtide.cdc.TestFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** On a SQLite file. */
class SqliteDifferentialTest extends DifferentialTest {
    @Override
    Store open(Path folder) {
        TestFile file = new TestFile(folder.resolve("app.db"));
        file.execute(
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE item (id INTEGER PRIMARY KEY, owner TEXT, status TEXT, priority INT, title TEXT, secret TEXT)",
                "CREATE TABLE note (id TEXT PRIMARY KEY, item INT, body TEXT)",
                "CREATE TABLE marker (id INTEGER PRIMARY KEY)");
        return new Store() {
            @Override
            public String url() {
                return "sqlite:app.db";
            }

            @Override
            public Connection connect() throws SQLException {
                return file.connect();
            }

            @Override
            public String emptyNotes() {
                return "DELETE FROM note";
            }

            @Override
            public void restart() {
                // There is no server.
            }

            @Override
            public void close() {
                // There is nothing to close.
            }
        };
    }
}
