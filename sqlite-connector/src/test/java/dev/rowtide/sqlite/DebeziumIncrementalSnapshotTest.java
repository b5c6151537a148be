package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.jdbc.JdbcConnection;
import io.debezium.pipeline.source.snapshot.incremental.AbstractIncrementalSnapshotTest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;

/** Debezium's tests of incremental snapshots. They signal through a table of the test database; reading it is all that the connector does with it. */
@EnabledIfSystemProperty(named = DebeziumTests.ALL, matches = "true")
@ExtendWith(DebeziumIncrementalSnapshotTest.WithoutMaximumKey.class)
final class DebeziumIncrementalSnapshotTest extends AbstractIncrementalSnapshotTest<SqliteConnector> {
    private static final String LOG_LINES =
            "waits for log lines of a class that is not used here; SqliteSignalsTest stops a snapshot";
    private static final String NO_SQL = "additional conditions are SQL, which snapshots here do without";

    @TempDir
    Path directory;

    private JdbcConnection keep;

    @BeforeEach
    void createDatabase() throws SQLException {
        keep = DebeziumTests.connect(directory.resolve("app.db"));
        DebeziumTests.createTables(keep);
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
        return "test.a";
    }

    @Override
    protected List<String> topicNames() {
        return List.of("test.a", "test.b");
    }

    @Override
    protected String tableName() {
        return "a";
    }

    @Override
    protected List<String> tableNames() {
        return List.of("a", "b");
    }

    @Override
    protected String noPKTopicName() {
        return "test.a42";
    }

    @Override
    protected String noPKTableName() {
        return "a42";
    }

    @Override
    protected String signalTableName() {
        return "debezium_signal";
    }

    @Override
    protected Configuration.Builder config() {
        return DebeziumTests.configuration(directory)
                .with(SqliteConnectorConfig.SNAPSHOT_MODE, "no_data")
                // So that a snapshot is not over before the test has looked at it.
                .with("max.queue.size", 20)
                .with("max.batch.size", 10);
    }

    @Override
    protected Configuration.Builder mutableConfig(boolean signalTableOnly, boolean storeOnlyCapturedDdl) {
        return DebeziumTests.configuration(directory)
                .with("table.include.list", signalTableOnly ? "b" : "a,b")
                .with(SqliteConnectorConfig.SNAPSHOT_MODE, "initial");
    }

    @Override
    protected int getMaximumEnqueuedRecordCount() {
        return 100;
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
    @Disabled("needs a Kafka cluster")
    public void insertsWithKafkaSnapshotSignal() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void snapshotWithAdditionalCondition() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void snapshotWithNewAdditionalConditionsField() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void snapshotWithAdditionalConditionWithRestart() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void snapshotWithAdditionalConditionWithSurrogateKey() {}

    @Override
    @Test
    @Disabled(NO_SQL)
    public void snapshotWithAdditionalConditionWithPhysicalRowIdentifierSurrogateKey() {}

    @Override
    @Test
    @Disabled(LOG_LINES)
    public void stopCurrentIncrementalSnapshotWithoutCollectionsAndTakeNewNewIncrementalSnapshotAfterRestart() {}

    @Override
    @Test
    @Disabled(LOG_LINES)
    public void stopCurrentIncrementalSnapshotWithAllCollectionsAndTakeNewNewIncrementalSnapshotAfterRestart() {}

    @Override
    @Test
    @Disabled(LOG_LINES)
    public void snapshotWithRegexDataCollectionsNotExist() {}

    @Override
    @Test
    @Disabled(LOG_LINES)
    public void removeNotYetCapturedCollectionFromInProgressIncrementalSnapshot() {}

    @Override
    @Test
    @Disabled(LOG_LINES)
    public void removeStartedCapturedCollectionFromInProgressIncrementalSnapshot() {}

    @Override
    @Test
    @Disabled("counts the watermarks in the signal table, and there are none")
    public void insertInsertWatermarkingStrategy() {}

    /** The test is not public, so that it cannot be overridden here. */
    static final class WithoutMaximumKey implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getTestMethod()
                            .filter(method -> method.getName().equals("testNotification"))
                            .isPresent()
                    ? ConditionEvaluationResult.disabled("wants a table's largest key, which is not looked for")
                    : ConditionEvaluationResult.enabled("");
        }
    }
}
