package dev.rowtide.app.differential;

import dev.rowtide.cdc.KillablePostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** On PostgreSQL, whose tables write the whole old row to the log. */
class PostgresDifferentialTest extends DifferentialTest {
    @Override
    Store open(Path folder) throws Exception {
        KillablePostgres server = new KillablePostgres(folder.resolve("postgres"));
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, owner text, status text, priority int, title text, secret text)");
            statement.execute("CREATE TABLE note (id text PRIMARY KEY, item int, body text)");
            statement.execute("CREATE TABLE marker (id int PRIMARY KEY)");
            statement.execute("ALTER TABLE item REPLICA IDENTITY FULL");
            statement.execute("ALTER TABLE note REPLICA IDENTITY FULL");
        }
        return new Store() {
            @Override
            public String url() {
                return server.url();
            }

            @Override
            public Connection connect() throws SQLException {
                return server.connect();
            }

            @Override
            public String emptyNotes() {
                return "TRUNCATE note";
            }

            @Override
            public void restart() throws Exception {
                server.kill();
                server.startAgain();
            }

            @Override
            public void close() throws Exception {
                server.close();
            }
        };
    }
}
