package dev.rowtide.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGProperty;

/** A real PostgreSQL of its own: everything as by default (fsync on, synchronous_commit on), but for what the comment beside a setting says. */
final class Database implements AutoCloseable {
    private final EmbeddedPostgres server;

    Database() throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                // PostgreSQL's defaults; the library that starts it turns both off.
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("fsync", "on")
                // A checkpoint in the middle of a phase would be measured too.
                .setServerConfig("checkpoint_timeout", "1h")
                .setServerConfig("max_wal_size", "8GB")
                // A stream that is held back while a backlog is written does not answer.
                .setServerConfig("wal_sender_timeout", "0")
                .start();
    }

    String url() {
        return "postgres://postgres@127.0.0.1:" + server.getPort() + "/postgres";
    }

    Connection connect() throws SQLException {
        return connect(new Properties());
    }

    /** A connection that can start a replication stream. */
    Connection connectForReplication() throws SQLException {
        Properties properties = new Properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return connect(properties);
    }

    private Connection connect(Properties properties) throws SQLException {
        PGProperty.USER.set(properties, "postgres");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres", properties);
    }

    /** Each string is a transaction of its own. */
    void execute(String... sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }

    /** The first column of the first row. */
    String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new IllegalStateException("no row: " + sql);
            }
            return row.getString(1);
        }
    }

    /** The process that sends the slot's stream. */
    long senderPid(String slot) throws SQLException {
        return Long.parseLong(query("SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + slot + "'"));
    }

    String describe() throws SQLException {
        return "PostgreSQL " + query("SHOW server_version") + " (fsync " + query("SHOW fsync") + ", synchronous_commit "
                + query("SHOW synchronous_commit") + ")";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
