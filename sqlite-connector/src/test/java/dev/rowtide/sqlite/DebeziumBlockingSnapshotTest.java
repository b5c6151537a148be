package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.jdbc.JdbcConnection;
import io.debezium.pipeline.AbstractBlockingSnapshotTest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Debezium's tests of blocking snapshots. */
@EnabledIfSystemProperty(named = DebeziumTests.ALL, matches = "true")
final class DebeziumBlockingSnapshotTest extends AbstractBlockingSnapshotTest<SqliteConnector> {
    private static final String NO_SQL = "additional conditions are SQL, which snapshots here do without";

    @TempDir
    Path directory;

    private JdbcConnection keep;

    @BeforeEach
    void createDatabase() throws SQLException {
        keep = DebeziumTests.connect(directory.resolve("app.db"));
        keep.execute(
                "CREATE TABLE dba (pk int primary key, aa int)",
                "CREATE TABLE dbb (pk int primary key, aa int)",
                "CREATE TABLE debezium_signal (id varchar(64), type varchar(32), data varchar(2048))");
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
    protected JdbcConnection databaseConnection() {
        try {
            return DebeziumTests.connect(directory.resolve("app.db"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected String topicName() {
        return "test.dba";
    }

    @Override
    protected List<String> topicNames() {
        return List.of("test.dba", "test.dbb");
    }

    @Override
    protected String tableName() {
        return "dba";
    }

    @Override
    protected List<String> tableNames() {
        return List.of("dba", "dbb");
    }

    @Override
    protected String escapedTableDataCollectionId() {
        return "\\\"dba\\\"";
    }

    @Override
    protected String signalTableName() {
        return "debezium_signal";
    }

    @Override
    protected Configuration.Builder config() {
        return DebeziumTests.configuration(directory).with(SqliteConnectorConfig.SNAPSHOT_MODE, "no_data");
    }

    @Override
    protected Configuration.Builder mutableConfig(boolean signalTableOnly, boolean storeOnlyCapturedDdl) {
        return DebeziumTests.configuration(directory)
                .with("table.include.list", signalTableOnly ? "dbb" : "dba,dbb")
                .with(SqliteConnectorConfig.SNAPSHOT_MODE, "initial");
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
    @Disabled(NO_SQL)
    public void executeBlockingSnapshotWithAdditionalCondition() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void anErrorDuringBlockingSnapshotShouldLeaveTheConnectorInAGoodState() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void streamingMetricsResumeAfterBlockingSnapshot() {}

    @Override
    @Test
    @Disabled("waits for log lines that other connectors write")
    public void executeMultipleBlockingSnapshots() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void aFailedBlockingSnapshotShouldNotCauseInitialSnapshotOnRestart() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void readsSchemaOnlyForSignaledTables() {}
}
