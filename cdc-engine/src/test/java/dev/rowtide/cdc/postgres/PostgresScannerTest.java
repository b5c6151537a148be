package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestServer;
import dev.rowtide.cdc.snapshot.CollectedSnapshot;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of PostgreSQL, and what happens when it cannot be. */
class PostgresScannerTest {
    private static final SnapshotRequest POSTS = SnapshotRequest.ofResource("post");
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path dataDirectory;

    private final TestServer.Database database = TestServer.database();
    private final RecordingSink sink = new RecordingSink();
    private ChangeEngine engine;

    @AfterEach
    void stop() {
        if (engine != null) {
            engine.close();
        }
    }

    private void start(ResourceConfig... resources) {
        start(database.source(resources), SnapshotLimits.DEFAULT);
    }

    private void start(PostgresSource source, SnapshotLimits limits) {
        engine = new ChangeEngine(source, dataDirectory, limits, sink, (resource, shape) -> {});
        engine.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().ready());
    }

    private CollectedSnapshot snapshot(SnapshotRequest request) {
        return CollectedSnapshot.of(engine.rowSource(), request);
    }

    private static String text(SnapshotRow row) {
        return row.id() + " " + row.data();
    }

    private static String text(DataChangeEvent change) {
        return change.id() + " " + change.data();
    }

    @Test
    void columnsKeysAndNumbersAreThoseOfTheLog() {
        database.execute(
                "CREATE TABLE plain (id int8 PRIMARY KEY, gone int, secret text, n numeric, doc jsonb, plus int GENERATED ALWAYS AS (1) STORED)",
                "ALTER TABLE plain DROP COLUMN gone",
                "CREATE TABLE parts (b text, a char(3), t timestamptz, PRIMARY KEY (a, b))",
                "CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY LIST (id)",
                "CREATE TABLE parent_1 PARTITION OF parent FOR VALUES IN (1)",
                "CREATE TABLE parent_2 PARTITION OF parent FOR VALUES IN (2)",
                "CREATE TABLE base (id int PRIMARY KEY, x text)",
                "CREATE TABLE derived (y int, PRIMARY KEY (id)) INHERITS (base)",
                "CREATE TYPE mood AS ENUM ('fine', 'so so')",
                "CREATE TABLE \"odd \"\"name\" (\"the key\" mood PRIMARY KEY, b bytea)");
        start(
                new ResourceConfig("plain", table("plain"), Set.of(), Set.of("secret"), Numbers.STRING),
                resource("parts"),
                resource("parent"),
                resource("base"),
                resource("derived"),
                new ResourceConfig("odd", table("odd \"name"), Set.of(), Set.of(), Numbers.NUMBER));
        database.execute(
                "INSERT INTO plain (id, secret, n, doc) VALUES (9007199254740993, 's', 1.50, '{\"a\": [1, 2]}'), (2, 's', 'NaN', NULL)",
                "INSERT INTO parts VALUES ('50%', 'x,y', '2024-02-29 12:00+00'), ('b', 'a', NULL)",
                "INSERT INTO parent VALUES (1), (2)",
                "INSERT INTO base VALUES (1, 'base')",
                "INSERT INTO derived VALUES (2, 'derived', 3)",
                "INSERT INTO \"odd \"\"name\" VALUES ('so so', '\\x00ff'), ('fine', NULL)");
        List<DataChangeEvent> changes = sink.awaitEvents(10);
        for (String resource : List.of("plain", "parts", "parent", "base", "derived", "odd")) {
            assertThat(snapshot(SnapshotRequest.ofResource(resource)).all())
                    .as(resource)
                    .map(PostgresScannerTest::text)
                    .containsExactlyInAnyOrderElementsOf(changes.stream()
                            .filter(change -> change.resource().equals(resource))
                            .map(PostgresScannerTest::text)
                            .toList());
        }
        for (DataChangeEvent change : changes) {
            assertThat(snapshot(SnapshotRequest.ofRecord(
                                    change.resource(), change.id().text()))
                            .all())
                    .as("the record %s of %s", change.id(), change.resource())
                    .map(PostgresScannerTest::text)
                    .containsExactly(text(change));
        }
    }

    private static TableName table(String name) {
        return new TableName("public", name);
    }

    private static ResourceConfig resource(String name) {
        return ResourceConfig.ofTable(table(name), Numbers.NUMBER);
    }

    @Test
    void anIdThatNoRecordHasIsNoRow() {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "INSERT INTO post VALUES (1)",
                "CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))",
                "INSERT INTO pair VALUES (1, 2)",
                "CREATE TABLE line (text text)",
                "ALTER TABLE line REPLICA IDENTITY FULL",
                "INSERT INTO line VALUES ('1')");
        start();
        for (String nobody : List.of("2", "abc", "", " 1", "01", "99999999999999999999", "1'; DROP TABLE post; --")) {
            assertThat(snapshot(SnapshotRequest.ofRecord("post", nobody)).all())
                    .as("'%s'", nobody)
                    .isEmpty();
        }
        assertThat(snapshot(SnapshotRequest.ofRecord("pair", "1")).all()).isEmpty();
        assertThat(snapshot(SnapshotRequest.ofRecord("pair", "1,2")).all()).hasSize(1);
        assertThat(snapshot(SnapshotRequest.ofRecord("line", "1")).all()).isEmpty();
        assertThat(snapshot(POSTS).all()).hasSize(1);
    }

    @Test
    void onlyTheColumnsAndRowsThatAreAskedForAreRead() {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY, title text, body text, secret text)",
                "INSERT INTO post VALUES (1, 'a', 'x', 's'), (2, 'b', 'y', 's'), (3, 'a', 'z', 's'),"
                        + " (4, 'it''s \"a\"', 'x', 's'), (5, NULL, 'x', 's')");
        start(new ResourceConfig("post", table("post"), Set.of(), Set.of("secret"), Numbers.NUMBER));
        assertThat(snapshot(new SnapshotRequest("post", null, RowFilter.ALL, List.of("body", "title")))
                        .all())
                .map(PostgresScannerTest::text)
                .containsExactlyInAnyOrder(
                        "RecordId[text=1, json=1] {title: \"a\", body: \"x\"}",
                        "RecordId[text=2, json=2] {title: \"b\", body: \"y\"}",
                        "RecordId[text=3, json=3] {title: \"a\", body: \"z\"}",
                        "RecordId[text=4, json=4] {title: \"it's \\\"a\\\"\", body: \"x\"}",
                        "RecordId[text=5, json=5] {title: null, body: \"x\"}");
        assertThat(ids(where(RowFilter.or(List.of(is("title", "it's \"a\""), is("title", "b"))))))
                .containsExactlyInAnyOrder("2", "4");
        assertThat(ids(where(RowFilter.not(is("title", "b")))))
                .as("NULL is neither")
                .doesNotContain("2", "5")
                .hasSize(3);
        assertThat(ids(where(RowFilter.isNull("title")))).containsExactly("5");
        assertThat(snapshot(new SnapshotRequest("post", "2", is("title", "b"), List.of()))
                        .all())
                .hasSize(1);
        assertThat(snapshot(new SnapshotRequest("post", "2", is("title", "a"), List.of()))
                        .all())
                .as("a record that the filter hides")
                .isEmpty();
        for (String column : List.of("titel", "secret")) {
            SnapshotFailure misfit = where(is(column, "a")).outcome();
            assertThat(misfit.sentence()).contains("there is no column \"" + column + '"');
            assertThat(misfit.retryAfter()).isNull();
        }
        for (String column : List.of("titel", "secret")) {
            SnapshotFailure unknown = snapshot(new SnapshotRequest("post", null, RowFilter.ALL, List.of(column)))
                    .outcome();
            assertThat(unknown.sentence()).contains("'" + column + "'").contains("it has id, title, body");
            assertThat(unknown.retryAfter()).isNull();
        }
    }

    private CollectedSnapshot where(RowFilter filter) {
        return snapshot(new SnapshotRequest("post", null, filter, List.of()));
    }

    private static RowFilter is(String column, String text) {
        return RowFilter.compare(column, Operator.EQ, new FilterValue.Text(text));
    }

    private static List<String> ids(CollectedSnapshot snapshot) {
        return snapshot.all().stream().map(row -> row.id().text()).toList();
    }

    /** TRUNCATE empties the table for older snapshots, too: the table is locked before the snapshot is taken, or the rows would be gone. */
    @Test
    void aTruncateWaitsForTheSnapshotAndTheSnapshotForATruncate() throws Exception {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY)", "INSERT INTO post SELECT i FROM generate_series(1, 5000) i");
        start();
        CollectedSnapshot slow = new CollectedSnapshot();
        slow.started(engine.rowSource().read(POSTS, slow));
        slow.awaitBegin();
        Thread truncate = new Thread(() -> database.execute("TRUNCATE post"));
        truncate.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND query = 'TRUNCATE post' AND wait_event_type = 'Lock'")
                        .equals("1"));
        slow.take(100);
        assertThat(slow.all()).hasSize(5000);
        truncate.join();
        DataChangeEvent change = sink.awaitEvents(1).get(0);
        assertThat(slow.cut().contains(change)).isFalse();

        try (Connection connection = database.address().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("TRUNCATE post");
            SnapshotFailure locked = snapshot(POSTS).outcome();
            assertThat(locked.sentence()).contains("public.post").contains("is locked");
            assertThat(locked.retryAfter()).isNotNull();
            connection.rollback();
        }
        assertThat(snapshot(POSTS).all()).isEmpty();
    }

    @Test
    void theRightToReadSomeColumnsIsEnoughForThese() {
        String role = "columns_" + database.address().database();
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY, title text, secret text)",
                "INSERT INTO post VALUES (1, 'a', 's')",
                "CREATE ROLE " + role + " LOGIN REPLICATION",
                "GRANT SELECT (id, title) ON post TO " + role,
                "CREATE PUBLICATION " + database.source().publicationName() + " FOR TABLE post");
        start(
                as(role, new ResourceConfig("post", table("post"), Set.of(), Set.of("secret"), Numbers.NUMBER)),
                SnapshotLimits.DEFAULT);
        assertThat(snapshot(POSTS).all())
                .map(PostgresScannerTest::text)
                .containsExactly("RecordId[text=1, json=1] {id: 1, title: \"a\"}");
    }

    /** What is done without the lock. */
    @Test
    void aTableThatWasTruncatedSinceTheSnapshotIsRecognised() throws SQLException {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY LIST (id)",
                "CREATE TABLE parent_1 PARTITION OF parent FOR VALUES IN (1)",
                "CREATE TABLE quiet (id int PRIMARY KEY)");
        try (Connection connection = database.address().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT 1");
            database.execute("TRUNCATE post", "TRUNCATE parent_1", "INSERT INTO quiet VALUES (1)");
            assertThat(TableLock.touch(connection, table("post"))).isFalse();
            assertThat(TableLock.touch(connection, table("parent"))).isFalse();
            assertThat(TableLock.touch(connection, table("quiet"))).isTrue();
            connection.commit();
            assertThat(TableLock.touch(connection, table("post"))).isTrue();
            assertThat(TableLock.touch(connection, table("parent"))).isTrue();
        }
    }

    /** The database's source, read by another role. */
    private PostgresSource as(String role, ResourceConfig... resources) {
        PostgresSource source = database.source(resources);
        PostgresAddress address = new PostgresAddress(
                source.address().host(),
                source.address().port(),
                source.address().database(),
                role,
                null,
                Map.of());
        return new PostgresSource(
                address,
                source.slotName(),
                source.publicationName(),
                source.schemas(),
                source.numbers(),
                source.resources());
    }

    @Test
    void rowsThatTheRoleMayNotSeeAreAFailureAndNotLeftOut() {
        String role = "reader_" + database.address().database();
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "CREATE TABLE hidden (id int PRIMARY KEY)",
                "INSERT INTO post VALUES (1)",
                "INSERT INTO hidden VALUES (1)",
                "CREATE ROLE " + role + " LOGIN REPLICATION",
                "GRANT CREATE ON DATABASE " + database.address().database() + " TO " + role,
                "ALTER TABLE post OWNER TO " + role,
                "ALTER TABLE post ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE post FORCE ROW LEVEL SECURITY",
                "ALTER TABLE hidden OWNER TO " + role,
                "REVOKE SELECT ON hidden FROM " + role);
        start(as(role), SnapshotLimits.DEFAULT);
        for (String resource : List.of("post", "hidden")) {
            SnapshotFailure failure =
                    snapshot(SnapshotRequest.ofResource(resource)).outcome();
            assertThat(failure.sentence()).contains("may not read all of").contains("GRANT SELECT");
            assertThat(failure.retryAfter()).isNull();
        }
    }

    @Test
    void aQueryThatBringsNothingIsEndedInTheDatabaseAndTheConnectionIsFree() {
        createSleepingTable();
        start(database.source(), new SnapshotLimits(1, 10, LONG, Duration.ofMillis(500), LONG));
        SnapshotFailure overdue = where(is("title", "for ever")).outcome();
        assertThat(overdue.sentence()).contains("snapshot.max-time");
        awaitNoQuery();
        assertThat(snapshot(POSTS).all()).hasSize(1);
    }

    @Test
    void whenTheLastReaderLeavesTheQueryIsEndedInTheDatabase() throws InterruptedException {
        createSleepingTable();
        start(database.source(), new SnapshotLimits(1, 10, LONG, LONG, LONG));
        CollectedSnapshot left = where(is("title", "for ever"));
        left.awaitBegin();
        left.cancel();
        awaitNoQuery();
        assertThat(snapshot(POSTS).all()).hasSize(1);
    }

    /** A table whose rows take for ever to compare with the text "for ever". */
    private void createSleepingTable() {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY, title text)",
                "INSERT INTO post VALUES (1, 'a')",
                "CREATE FUNCTION sleeping(a text, b text) RETURNS boolean LANGUAGE sql AS $$ SELECT CASE WHEN b"
                        + " OPERATOR(pg_catalog.=) 'for ever' THEN pg_sleep(1000) IS NULL ELSE a OPERATOR(pg_catalog.=) b END $$",
                "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = sleeping)",
                "ALTER DATABASE " + database.address().database() + " SET search_path = public, pg_catalog");
    }

    private void awaitNoQuery() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.query(
                                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE"
                                        + " '%FROM%post%title%' AND pid <> pg_backend_pid()")
                        .equals("0"));
    }

    /** As a restart of the server does it to all of them. */
    @Test
    void aLostConnectionIsOneFailureAndNoneIfNothingWasReadYet() throws InterruptedException {
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY, body text)",
                "INSERT INTO post SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
        start(database.source(), new SnapshotLimits(1, 10, LONG, LONG, LONG));
        assertThat(snapshot(SnapshotRequest.ofRecord("post", "1")).all()).hasSize(1);
        terminateReaders();
        assertThat(snapshot(SnapshotRequest.ofRecord("post", "2")).all())
                .as("the idle connection was lost, and nobody notices")
                .hasSize(1);

        CollectedSnapshot cut = new CollectedSnapshot();
        cut.started(engine.rowSource().read(POSTS, cut));
        cut.take(1);
        cut.awaitBegin();
        await().until(() -> cut.chunks() == 1);
        terminateReaders();
        cut.take(1000);
        SnapshotFailure failure = cut.outcome();
        assertThat(failure.sentence()).contains(database.address().displayName());
        assertThat(failure.retryAfter()).isNotNull();
        assertThat(snapshot(POSTS).all()).hasSize(20000);
    }

    private void terminateReaders() {
        assertThat(
                        database.query(
                                "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                                        + " WHERE datname = current_database() AND (state LIKE 'idle in transaction' OR query = 'ROLLBACK')"))
                .isEqualTo("1");
    }

    @Test
    void anAsynchronousCommitIsTakenUpOnlyWhenItIsOnTheDisk() throws SQLException {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        try (Connection connection = database.address().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            for (int i = 1; i <= 50; i++) {
                statement.execute("INSERT INTO post VALUES (" + i + ")");
                CollectedSnapshot snapshot = snapshot(POSTS);
                assertThat(snapshot.all()).hasSize(i);
                var row = statement.executeQuery("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn");
                row.next();
                long flushed = row.getBigDecimal(1).longValue();
                long logEnd = snapshot.cut().until().commit();
                assertThat(flushed)
                        .isGreaterThanOrEqualTo(logEnd - logEnd % 8192)
                        .isGreaterThan(logEnd - 64);
            }
        }
    }
}
