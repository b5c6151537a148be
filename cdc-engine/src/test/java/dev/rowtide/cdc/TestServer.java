package dev.rowtide.cdc;

import dev.rowtide.cdc.postgres.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One real PostgreSQL for all tests of the module, ended with the JVM; each test gets a database of its own. */
public final class TestServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static volatile EmbeddedPostgres shared;

    private TestServer() {}

    private static synchronized EmbeddedPostgres server() {
        if (shared == null) {
            try {
                shared = EmbeddedPostgres.builder()
                        .setServerConfig("wal_level", "logical")
                        .setServerConfig("synchronous_commit", "on") // as users have it; the library's default is off
                        .setServerConfig("max_replication_slots", "400")
                        .setServerConfig("max_wal_senders", "400")
                        .setServerConfig("max_connections", "100")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return shared;
    }

    /** A fresh, empty database. */
    public static Database database() {
        String name = "test" + DATABASES.incrementAndGet();
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database(
                PostgresAddress.parse("postgres://postgres@127.0.0.1:" + server().getPort() + "/" + name, Map.of()));
    }

    /** A database and a few ways to write to it. */
    public record Database(PostgresAddress address) {
        /** Each string is a transaction of its own. */
        public void execute(String... sql) {
            try (Connection connection = address.connect();
                    Statement statement = connection.createStatement()) {
                for (String one : sql) {
                    statement.execute(one);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The first column of the first row, as text. */
        public String query(String sql) {
            try (Connection connection = address.connect();
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery(sql)) {
                return row.next() ? row.getString(1) : "";
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** All tables of public as resources; slot and publication are named after the database. */
        public PostgresSource source(ResourceConfig... resources) {
            return new PostgresSource(
                    address,
                    "slot_" + address.database(),
                    "pub_" + address.database(),
                    List.of("public"),
                    ResourceConfig.Numbers.NUMBER,
                    List.of(resources));
        }
    }
}
