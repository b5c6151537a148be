package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.jdbc.JdbcConnection;
import io.debezium.pipeline.AbstractMetricsTest;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Debezium's tests of its metrics. */
@EnabledIfSystemProperty(named = DebeziumTests.ALL, matches = "true")
final class DebeziumMetricsTest extends AbstractMetricsTest<SqliteConnector> {
    @TempDir
    Path directory;

    private JdbcConnection keep;

    @BeforeEach
    void createDatabase() throws SQLException {
        keep = DebeziumTests.connect(directory.resolve("app.db"));
        keep.execute("CREATE TABLE a (pk integer primary key, aa int)");
    }

    @AfterEach
    void closeDatabase() throws SQLException {
        stopConnector();
        keep.close();
    }

    @Override
    protected Class<SqliteConnector> getConnectorClass() {
        return SqliteConnector.class;
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
    protected Configuration.Builder config() {
        return DebeziumTests.configuration(directory);
    }

    @Override
    protected Configuration.Builder noSnapshot(Configuration.Builder config) {
        return config.with(SqliteConnectorConfig.SNAPSHOT_MODE, "no_data");
    }

    @Override
    protected void executeInsertStatements() throws SQLException {
        keep.execute("INSERT INTO a (aa) VALUES (1)", "INSERT INTO a (aa) VALUES (2)");
    }

    @Override
    protected String tableName() {
        return "a";
    }

    @Override
    protected long expectedEvents() {
        return 2;
    }

    @Override
    protected boolean snapshotCompleted() {
        return false;
    }
}
