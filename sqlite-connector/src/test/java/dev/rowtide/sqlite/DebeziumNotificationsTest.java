package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.jdbc.JdbcConnection;
import io.debezium.pipeline.notification.AbstractNotificationsIT;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Debezium's tests of notifications. */
@EnabledIfSystemProperty(named = DebeziumTests.ALL, matches = "true")
final class DebeziumNotificationsTest extends AbstractNotificationsIT<SqliteConnector> {
    @TempDir
    Path directory;

    private JdbcConnection keep;

    @BeforeEach
    void createDatabase() throws SQLException {
        keep = DebeziumTests.connect(directory.resolve("app.db"));
        keep.execute("CREATE TABLE a (pk int primary key, aa int)", "CREATE TABLE b (pk int primary key, aa int)");
    }

    @AfterEach
    void closeDatabase() throws SQLException {
        stopConnector();
        keep.close();
    }

    @Override
    protected Class<SqliteConnector> connectorClass() {
        return SqliteConnector.class;
    }

    @Override
    protected Configuration.Builder config() {
        return DebeziumTests.configuration(directory).with(SqliteConnectorConfig.SNAPSHOT_MODE, "initial");
    }

    @Override
    protected List<String> collections() {
        return List.of("a", "b");
    }

    @Override
    protected String connector() {
        return "sqlite_log";
    }

    @Override
    protected String server() {
        return "test";
    }

    @Override
    @Test
    @Disabled("looks for the message among the log lines of io.debezium.connector, where this test class is not")
    public void reportErrorWhenSinkChannelIsEnabledAndNoTopicConfigurationProvided() {}

    @Override
    protected String snapshotStatusResult() {
        return "COMPLETED";
    }
}
