package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.config.Configuration;
import io.debezium.embedded.async.AbstractAsyncEngineConnectorTest;
import io.debezium.engine.DebeziumEngine;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ad-hoc snapshots by signals that never touch the database, and what the connector says about itself. */
final class SqliteSignalsTest extends AbstractAsyncEngineConnectorTest {
    private static final int ROWS = 30;

    @TempDir
    Path directory;

    private UserDatabase user;

    @BeforeEach
    void openDatabase() throws Exception {
        setConsumeTimeout(5, TimeUnit.SECONDS);
        user = new UserDatabase(directory.resolve("app.db"));
        user.execute(
                "create table t (id integer primary key, name text)",
                "create table w (id text primary key, n int) without rowid",
                "with recursive i(x) as (values(1) union all select x + 1 from i where x < " + ROWS
                        + ") insert into t select x, 'n' || x from i",
                "insert into w select 'k' || printf('%03d', id), id from t");
    }

    @AfterEach
    void closeDatabase() throws Exception {
        stopConnector();
        user.close();
    }

    @Override
    protected int getMaximumEnqueuedRecordCount() {
        return 1000;
    }

    private Configuration.Builder configuration() {
        return Configuration.create()
                .with("topic.prefix", "test")
                .with("snapshot.mode", "no_data")
                .with("signal.enabled.channels", "in-process")
                .with("signal.poll.interval.ms", 50)
                .with("incremental.snapshot.chunk.size", 4)
                .with(
                        SqliteConnectorConfig.DATABASE_PATH,
                        directory.resolve("app.db").toString())
                .with(
                        SqliteConnectorConfig.STATE_DIRECTORY,
                        directory.resolve("state").toString())
                .with(SqliteConnectorConfig.FILESYSTEM_CHECK, false)
                .with(SqliteConnectorConfig.STATE_SYNC, false);
    }

    private void signal(String type, String data) {
        getSignaler().signal(new DebeziumEngine.Signal("id", type, data, java.util.Map.of()));
    }

    private void snapshot(String kind, String tables) {
        signal("execute-snapshot", "{\"type\": \"" + kind + "\", \"data-collections\": [" + tables + "]}");
    }

    private void startAndWait(Configuration.Builder configuration) {
        // Not without the last argument: a record that arrives while the engine is being stopped would then be thrown
        // away and
        // its offset stored all the same.
        start(SqliteConnector.class, configuration.build(), loggingCompletion(), null, record -> {}, false);
        waitForStreamingRunning("sqlite_log", "test", "streaming", null);
    }

    private List<SourceRecord> take(int count) throws InterruptedException {
        List<SourceRecord> records = consumeRecordsByTopic(count).allRecordsInOrder();
        assertThat(records).hasSize(count);
        return records;
    }

    private static String key(SourceRecord record) {
        return ((Struct) record.value()).getString("op") + ((Struct) record.key()).get("id");
    }

    private static List<String> keysOf(String prefix, String format, int from, int to) {
        List<String> keys = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            keys.add(prefix + String.format(format, i));
        }
        return keys;
    }

    @Test
    void anIncrementalSnapshotReadsEveryRowOnceInChunks() throws Exception {
        startAndWait(configuration());
        snapshot("incremental", "\"t\", \"w\"");
        List<SourceRecord> records = take(2 * ROWS);
        assertThat(records.subList(0, ROWS)).extracting(SqliteSignalsTest::key).isEqualTo(keysOf("r", "%d", 1, ROWS));
        assertThat(records.subList(ROWS, 2 * ROWS))
                .extracting(SqliteSignalsTest::key)
                .isEqualTo(keysOf("rk", "%03d", 1, ROWS));
        assertThat(((Struct) records.get(0).value()).getStruct("source").get("snapshot"))
                .isEqualTo("incremental");
        user.execute("insert into t values (99, 'after')");
        SourceRecord after = take(1).get(0);
        assertThat(key(after)).isEqualTo("c99");
        assertThat(after.sourceOffset().keySet()).noneMatch(name -> name.startsWith("incremental_snapshot"));
    }

    @Test
    void anIncrementalSnapshotGoesOnAfterARestartWithTheNextRow() throws Exception {
        startAndWait(configuration().with("max.batch.size", 1));
        snapshot("incremental", "\"w\"");
        List<String> keys = new ArrayList<>();
        take(5).forEach(record -> keys.add(key(record)));
        stopConnector(running -> {});
        consumeAvailableRecords(record -> keys.add(key(record)));

        startAndWait(configuration());
        while (keys.size() < ROWS) {
            take(1).forEach(record -> keys.add(key(record)));
        }
        assertThat(keys.stream().distinct().toList()).isEqualTo(keysOf("rk", "%03d", 1, ROWS));
    }

    @Test
    void aSnapshotCanBePausedGoneOnWithAndStopped() throws Exception {
        startAndWait(configuration()
                .with("max.queue.size", 4)
                .with("max.batch.size", 1)
                .with("incremental.snapshot.chunk.size", 1));
        signal("pause-snapshot", "{\"type\": \"incremental\"}");
        snapshot("incremental", "\"t\"");
        signal("pause-snapshot", "{\"type\": \"incremental\"}");
        Awaitility.await().until(() -> attribute("snapshot", "SnapshotPaused").equals(true));
        consumeAvailableRecords(record -> {});
        signal("stop-snapshot", "{\"type\": \"incremental\", \"data-collections\": [\"t\"]}");
        Awaitility.await().until(() -> attribute("snapshot", "SnapshotAborted").equals(true));
        signal("resume-snapshot", "{\"type\": \"incremental\"}");
        user.execute("insert into t values (99, 'after')");
        List<String> keys = new ArrayList<>();
        while (!keys.contains("c99")) {
            take(1).forEach(record -> keys.add(key(record)));
        }
        assertThat(keys).doesNotContain("r" + ROWS);
    }

    @Test
    void aBlockingSnapshotReadsWhatMatchesAndLetsTheStreamGoOn() throws Exception {
        startAndWait(configuration());
        snapshot("blocking", "\"t\"");
        List<SourceRecord> records = take(ROWS);
        assertThat(records).extracting(SqliteSignalsTest::key).isEqualTo(keysOf("r", "%d", 1, ROWS));
        assertThat(((Struct) records.get(ROWS - 1).value()).getStruct("source").get("snapshot"))
                .isEqualTo("last");
        user.execute("insert into t values (99, 'after')");
        SourceRecord after = take(1).get(0);
        assertThat(key(after)).isEqualTo("c99");
        assertThat(((Struct) after.value()).getStruct("source").get("snapshot")).isEqualTo("false");
    }

    @Test
    void whatWasStoredIsAcknowledgedAndTheBeanSaysSo() throws Exception {
        startAndWait(configuration().with("provide.transaction.metadata", true));
        user.execute("insert into t values (99, 'after')");
        long seq = (Long) consumeRecordsByTopic(3)
                .allRecordsInOrder()
                .get(2)
                .sourceOffset()
                .get("commit_seq");
        assertThat(attribute("stream", "EmittedSeq")).isEqualTo(seq);
        Awaitility.await().until(() -> attribute("stream", "ShadowSeq").equals(seq));
    }

    private static Object attribute(String context, String name) throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .getAttribute(
                        new ObjectName(
                                "debezium.sqlite_log:type=connector-metrics,context=" + context + ",server=test"),
                        name);
    }
}
