package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.config.Configuration;
import io.debezium.embedded.async.AbstractAsyncEngineConnectorTest;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole connector in Debezium's engine, with every record checked by Debezium's VerifyRecord. */
final class SqliteConnectorTest extends AbstractAsyncEngineConnectorTest {
    @TempDir
    Path directory;

    private UserDatabase user;

    @BeforeEach
    void openDatabase() throws Exception {
        setConsumeTimeout(5, java.util.concurrent.TimeUnit.SECONDS);
        user = new UserDatabase(directory.resolve("app.db"));
        user.execute(
                "create table t (id integer primary key, name text)", "insert into t values (1, 'one'), (2, 'two')");
    }

    @AfterEach
    void closeDatabase() throws Exception {
        stopConnector();
        user.close();
    }

    private Configuration.Builder configuration() {
        return Configuration.create()
                .with("topic.prefix", "test")
                .with("include.schema.changes", false)
                .with("tombstones.on.delete", false)
                .with(
                        SqliteConnectorConfig.DATABASE_PATH,
                        directory.resolve("app.db").toString())
                .with(
                        SqliteConnectorConfig.STATE_DIRECTORY,
                        directory.resolve("state").toString())
                .with(SqliteConnectorConfig.FILESYSTEM_CHECK, false)
                .with(SqliteConnectorConfig.STATE_SYNC, false);
    }

    private List<SourceRecord> take(int count) throws InterruptedException {
        List<SourceRecord> records = consumeRecordsByTopic(count).allRecordsInOrder();
        assertThat(records).hasSize(count);
        return records;
    }

    /** Operation and key of data records, status of transaction records. */
    private static String brief(SourceRecord record) {
        Struct value = (Struct) record.value();
        if (value.schema().field("status") != null) {
            return value.getString("status");
        }
        return value.getString("op") + ((Struct) record.key()).get("id");
    }

    private static Struct source(SourceRecord record) {
        return ((Struct) record.value()).getStruct("source");
    }

    private static String position(SourceRecord record) {
        return record.sourceOffset().get("commit_seq") + "+"
                + record.sourceOffset().get("event_index");
    }

    @Test
    void rowsThatAreThereAndRowsThatComeAreDelivered() throws Exception {
        start(SqliteConnector.class, configuration().build());
        List<SourceRecord> read = take(2);
        assertThat(read).extracting(SqliteConnectorTest::brief).containsExactly("r1", "r2");
        assertThat(read).extracting(r -> source(r).getString("snapshot")).containsExactly("first", "last");
        assertThat(read.get(1).sourceOffset().get("snapshot_completed")).isEqualTo(true);

        user.execute("insert into t values (3, 'three')");
        user.transaction("update t set name = 'II' where id = 2", "delete from t where id = 1");
        List<SourceRecord> changed = take(3);
        assertThat(changed).extracting(SqliteConnectorTest::brief).containsExactly("c3", "d1", "u2");
        Struct before = ((Struct) changed.get(2).value()).getStruct("before");
        assertThat(before.get("name")).isEqualTo("two");
        long first = (Long) read.get(0).sourceOffset().get("commit_seq");
        assertThat(changed)
                .extracting(SqliteConnectorTest::position)
                .containsExactly(first + "+1", first + 1 + "+1", first + 1 + "+2");
        assertThat(source(changed.get(2)).get("sequence")).isEqualTo("[\"" + (first + 1) + "\",\"2\"]");
        assertThat(source(changed.get(2)).get("seq")).isEqualTo(first + 2);
        assertThat(source(changed.get(2)).get("kind")).isEqualTo("commit");
        assertThat(source(changed.get(2)).get("rowid")).isEqualTo(2L);
        assertThat(source(changed.get(2)).get("db")).isEqualTo("app.db");
        assertThat(source(changed.get(2)).getString("wal_salt")).hasSize(16);
    }

    @Test
    void theEndOfATransactionCarriesItsOwnNumber() throws Exception {
        start(
                SqliteConnector.class,
                configuration().with("provide.transaction.metadata", true).build());
        long first = (Long) take(2).get(0).sourceOffset().get("commit_seq");
        user.transaction("insert into t values (3, 'three')", "insert into t values (4, 'four')");
        List<SourceRecord> records = take(4);
        assertThat(records).extracting(SqliteConnectorTest::brief).containsExactly("BEGIN", "c3", "c4", "END");
        assertThat(records)
                .extracting(SqliteConnectorTest::position)
                .containsExactly(first + "+0", first + "+1", first + "+2", first + 1 + "+0");
        Struct end = (Struct) records.get(3).value();
        assertThat(end.get("id")).isEqualTo(Long.toString(first + 1));
        assertThat(end.get("event_count")).isEqualTo(2L);
        assertThat(((Struct) records.get(2).value()).getStruct("transaction").get("total_order"))
                .isEqualTo(2L);
    }

    @Test
    void aRestartInsideATransactionGoesOnWithTheNextEvent() throws Exception {
        AtomicReference<String> stopAt = new AtomicReference<>("c4");
        start(
                SqliteConnector.class,
                configuration()
                        .with("provide.transaction.metadata", true)
                        .with("max.batch.size", 1)
                        .build(),
                (success, message, error) -> {},
                record -> record.value() != null
                        && ((Struct) record.value()).schema().field("op") != null
                        && brief(record).equals(stopAt.get()));
        take(2);
        user.transaction(
                "insert into t values (3, 'three')",
                "insert into t values (4, 'four')",
                "insert into t values (5, 'five')");
        assertThat(take(2)).extracting(SqliteConnectorTest::brief).containsExactly("BEGIN", "c3");
        waitForEngineShutdown();
        cleanupTestFwkState();

        user.execute("insert into t values (6, 'six')");
        start(
                SqliteConnector.class,
                configuration().with("provide.transaction.metadata", true).build());
        List<SourceRecord> records = take(6);
        assertThat(records)
                .extracting(SqliteConnectorTest::brief)
                .containsExactly("c4", "c5", "END", "BEGIN", "c6", "END");
        assertThat(((Struct) records.get(1).value()).getStruct("transaction").get("total_order"))
                .isEqualTo(3L);
        assertThat(((Struct) records.get(2).value()).get("event_count")).isEqualTo(3L);
    }

    @Test
    void whatHappensWhileTheConnectorIsDownComesAfterwards() throws Exception {
        start(SqliteConnector.class, configuration().build());
        take(2);
        stopConnector();
        user.execute("insert into t values (3, 'three')", "delete from t where id = 1");
        start(SqliteConnector.class, configuration().build());
        assertThat(take(2)).extracting(SqliteConnectorTest::brief).containsExactlyInAnyOrder("c3", "d1");
    }

    @Test
    void aLostStateStopsTheConnectorUnlessASnapshotIsAllowed() throws Exception {
        start(SqliteConnector.class, configuration().build());
        take(2);
        stopConnector();
        assertThat(directory
                        .resolve("state")
                        .toFile()
                        .renameTo(directory.resolve("gone").toFile()))
                .isTrue();

        AtomicReference<String> failure = new AtomicReference<>("");
        start(
                SqliteConnector.class,
                configuration().build(),
                (success, message, error) -> failure.set(String.valueOf(error.getCause())));
        waitForEngineShutdown();
        assertThat(failure.get()).contains("Changes were lost").contains("snapshot.mode=when_needed");
        cleanupTestFwkState();

        start(
                SqliteConnector.class,
                configuration().with("snapshot.mode", "when_needed").build());
        assertThat(take(2)).extracting(SqliteConnectorTest::brief).containsExactly("r1", "r2");
    }

    @Test
    void tablesThatComeChangeAndGoAreFollowed() throws Exception {
        start(
                SqliteConnector.class,
                configuration().with("include.schema.changes", true).build());
        take(2);
        user.transaction(
                "create table v (id integer primary key, x real)",
                "insert into v values (7, 1.5)",
                "alter table t add column more int default 9");
        List<SourceRecord> records = take(3);
        assertThat(records).extracting(SourceRecord::topic).containsExactly("test", "test", "test.v");
        assertThat(((Struct) records.get(0).value()).getString("ddl"))
                .startsWith("CREATE TABLE t")
                .contains("more");
        user.execute("update t set more = 10 where id = 1");
        Struct update = (Struct) take(1).get(0).value();
        assertThat(update.getStruct("before").get("more")).isEqualTo(9L);
        user.execute("drop table v", "insert into t (id) values (8)");
        records = take(2);
        assertThat(((Struct) records.get(0).value()).getString("ddl")).isEqualTo("DROP TABLE \"v\"");
        assertThat(brief(records.get(1))).isEqualTo("c8");
    }

    @Test
    void anUpdateThatGivesARowAnotherKeyIsADeleteAndACreateWithPlacesOfTheirOwn() throws Exception {
        user.execute("create table k (id text primary key, n int)", "insert into k values ('a', 1)");
        start(
                SqliteConnector.class,
                configuration().with("table.include.list", "k").build());
        long first = (Long) take(1).get(0).sourceOffset().get("commit_seq");
        user.execute("update k set id = 'b'");
        List<SourceRecord> records = take(2);
        assertThat(records).extracting(SqliteConnectorTest::brief).containsExactly("da", "cb");
        assertThat(records).extracting(SqliteConnectorTest::position).containsExactly(first + "+1", first + "+2");
    }

    @Test
    void storedValuesCarryClassAndBytesAndKeysLikewise() throws Exception {
        user.execute(
                "create table k (id text collate nocase primary key, n) without rowid",
                "insert into k values ('a', 5)");
        start(
                SqliteConnector.class,
                configuration()
                        .with("table.include.list", "k")
                        .with("value.mode", "stored")
                        .build());
        SourceRecord record = take(1).get(0);
        assertThat(((Struct) record.key()).getBytes("id")).containsExactly(3, 'a');
        Struct after = ((Struct) record.value()).getStruct("after");
        assertThat(after.getBytes("n")).containsExactly(1, 0, 0, 0, 0, 0, 0, 0, 5);
        assertThat(after.schema().field("n").schema().name()).isEqualTo("dev.rowtide.sqlite.StoredValue");
        assertThat(after.schema().field("id").schema().parameters())
                .containsEntry("declared_type", "TEXT")
                .containsEntry("affinity", "text")
                .containsEntry("collation", "NOCASE")
                .containsEntry("encoding", "UTF-8");
    }

    @Test
    void heartbeatsMoveTheOffsetWhenOnlyOtherTablesChange() throws Exception {
        user.execute("create table other (id integer primary key)");
        start(
                SqliteConnector.class,
                configuration()
                        .with("table.include.list", "t")
                        .with("heartbeat.interval.ms", 100)
                        .build());
        List<SourceRecord> read = take(3);
        long first = (Long) read.get(0).sourceOffset().get("commit_seq");
        user.execute("insert into other values (1)");
        SourceRecord beat;
        do {
            beat = take(1).get(0);
            assertThat(beat.topic()).isEqualTo("__debezium-heartbeat.test");
        } while ((Long) beat.sourceOffset().get("commit_seq") == first);
        assertThat(position(beat)).isEqualTo(first + 1 + "+0");
    }
}
