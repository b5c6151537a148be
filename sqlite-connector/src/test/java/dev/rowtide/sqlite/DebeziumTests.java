package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

/** What Debezium's own tests for connectors want to know of ours. */
final class DebeziumTests {
    /** Runs the tests that take a minute or more; the others run always. */
    static final String ALL = "debezium.tests";

    private DebeziumTests() {}

    static JdbcConnection connect(Path database) throws SQLException {
        JdbcConnection connection = new JdbcConnection(
                JdbcConfiguration.empty(),
                config -> DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=20000"),
                "\"",
                "\"") {};
        connection.execute("pragma journal_mode=wal");
        return connection;
    }

    static void createTables(JdbcConnection connection) throws SQLException {
        connection.execute(
                "CREATE TABLE a (pk int primary key, aa int)",
                "CREATE TABLE b (pk int primary key, aa int)",
                "CREATE TABLE a42 (pk1 int, pk2 int, pk3 int, pk4 int, aa int)",
                "CREATE TABLE debezium_signal (id varchar(64), type varchar(32), data varchar(2048))");
    }

    static Configuration.Builder configuration(Path directory) {
        return Configuration.create()
                .with("topic.prefix", "test")
                .with("include.schema.changes", false)
                .with("signal.data.collection", "debezium_signal")
                .with("incremental.snapshot.chunk.size", 250)
                .with("message.key.columns", "a42:pk1,pk2,pk3,pk4")
                .with("converters", "int32")
                .with("int32.type", Int32Columns.class.getName())
                .with(
                        SqliteConnectorConfig.DATABASE_PATH,
                        directory.resolve("app.db").toString())
                .with(
                        SqliteConnectorConfig.STATE_DIRECTORY,
                        directory.resolve("state").toString())
                .with(SqliteConnectorConfig.FILESYSTEM_CHECK, false)
                .with(SqliteConnectorConfig.STATE_SYNC, false);
    }
}
