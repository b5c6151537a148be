package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.cdc.snapshot.CollectedSnapshot;
import dev.rowtide.cdc.snapshot.Materialized;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots of SQLite on real files, most of them while another process writes. */
class SqliteSnapshotTest {
    private static final int ROUNDS = 40;

    @TempDir
    Path folder;

    private final RecordingSink sink = new RecordingSink();
    private TestFile database;
    private ChangeEngine engine;

    @BeforeEach
    void name() {
        database = new TestFile(folder.resolve("app.db"));
    }

    @AfterEach
    void stop() {
        if (engine != null) {
            engine.close();
        }
    }

    private void start(SqliteSource source) {
        engine = new ChangeEngine(source, folder.resolve("data"), sink);
        engine.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().ready());
    }

    private CollectedSnapshot snapshot(SnapshotRequest request) {
        return CollectedSnapshot.of(engine.rowSource(), request);
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "3, true"})
    void rowsAndTheChangesThatAreNotInThemAreTheTable(long seed, boolean unpaced) throws Exception {
        try (SqliteWriterProcess writers =
                new SqliteWriterProcess(database.path(), seed, unpaced, folder.resolve("writers.log"))) {
            start(database.source());
            writers.start();
            List<CollectedSnapshot> snapshots = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                int seen = sink.events.size();
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> sink.events.size() > seen);
                CollectedSnapshot first = snapshot(SnapshotRequest.ofResource("item"));
                CollectedSnapshot second =
                        snapshot(new SnapshotRequest("item", null, RowFilter.ALL, List.of("id", "body")));
                first.outcome();
                second.outcome();
                snapshots.add(first);
                snapshots.add(second);
            }
            String last = writers.stop();
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> sink.events.stream()
                            .anyMatch(e -> e.id() != null && e.id().text().equals(last)));
            Map<String, String> table = table();
            List<DataChangeEvent> history = sink.events.stream()
                    .filter(change -> change.resource().equals("item"))
                    .toList();
            assertThat(snapshots)
                    .allSatisfy(snapshot ->
                            assertThat(Materialized.of(snapshot, history)).isEqualTo(table));
            assertThat(snapshots.stream().map(s -> s.cut().from()).distinct())
                    .as("otherwise nobody wrote meanwhile")
                    .hasSizeGreaterThan(ROUNDS / 2);
        }
    }

    private Map<String, String> table() throws SQLException {
        Map<String, String> table = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, json_quote(body) FROM item")) {
            while (row.next()) {
                table.put(row.getString(1), "{id: " + row.getString(1) + ", body: " + row.getString(2) + "}");
            }
        }
        return table;
    }

    /** The cut is behind the last commit, also if the log was started over since and has no frame. */
    @Test
    void aSnapshotOfAQuietDatabaseHasEverythingThatWasStreamed() {
        database.execute("PRAGMA journal_mode = WAL", "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)");
        start(database.source());
        database.execute("INSERT INTO post VALUES (1, 'a')", "INSERT INTO post VALUES (2, 'b')");
        List<DataChangeEvent> changes = sink.awaitEvents(2);
        CollectedSnapshot before = snapshot(SnapshotRequest.ofResource("post"));
        assertThat(before.all()).hasSize(2);
        assertThat(changes).allMatch(before.cut()::contains);

        database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        CollectedSnapshot emptied = snapshot(SnapshotRequest.ofResource("post"));
        assertThat(emptied.all()).hasSize(2);
        assertThat(emptied.cut().from()).isEqualTo(before.cut().from());

        database.execute("UPDATE post SET title = 'c' WHERE id = 1");
        DataChangeEvent update = sink.awaitEvents(3).get(2);
        assertThat(emptied.cut().contains(update)).isFalse();
        CollectedSnapshot after = snapshot(SnapshotRequest.ofResource("post"));
        assertThat(after.all()).hasSize(2);
        assertThat(after.cut().contains(update)).isTrue();
    }

    /** Of every kind of table and value: what a snapshot says of a row is what its change said. */
    @ParameterizedTest
    @CsvSource({"UTF-8", "UTF-16le"})
    void valuesAndIdentitiesAreThoseOfTheLog(String encoding) {
        database.execute(
                "PRAGMA encoding = '" + encoding + "'",
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE plain (id INTEGER PRIMARY KEY, n NUMERIC, r REAL, t TEXT, b BLOB, x)",
                "CREATE TABLE without (a TEXT, b, c INT, PRIMARY KEY (c, a)) WITHOUT ROWID",
                "CREATE TABLE keyless (a, b)",
                "CREATE TABLE nullable (k TEXT PRIMARY KEY, v)",
                "CREATE TABLE made (id INTEGER PRIMARY KEY, n INT, s INT AS (n + 1) STORED, v INT AS (n + 2) VIRTUAL)",
                "CREATE TABLE \"odd name\" (\"the \"\"key\"\"\" BLOB PRIMARY KEY, secret TEXT)");
        start(new SqliteSource(
                SqliteAddress.parse(database.url()),
                SqliteSource.Follow.DEFAULT,
                Numbers.STRING,
                List.of(
                        resource("plain", Numbers.NUMBER),
                        resource("without", Numbers.STRING),
                        resource("keyless", Numbers.NUMBER),
                        resource("nullable", Numbers.NUMBER),
                        resource("made", Numbers.NUMBER),
                        new ResourceConfig(
                                "odd",
                                new TableName("main", "odd name"),
                                Set.of(),
                                Set.of("secret"),
                                Numbers.NUMBER))));
        database.execute(
                "INSERT INTO plain VALUES (1, 1, 1, 'a \"quoted\" \\ text\n', x'00ff', NULL), (2, 1.5, 5, '', x'', 9223372036854775807),"
                        + " (3, '1e3', 9e999, 'ä€😀', 'text', -9e999), (4, 0.1, 1e300, CAST(x'610062' AS TEXT), 7, 5.0),"
                        + " (9007199254740993, 'no number', -0.0, 'x', 1.25, 'x'), (-5, NULL, NULL, NULL, NULL, x'61')",
                "INSERT INTO without VALUES ('a,b', 1, 1), ('50%', 'two', 2)",
                "INSERT INTO keyless VALUES (1, 'one'), (1, 'one')",
                "INSERT INTO nullable VALUES (NULL, 1), (NULL, 2), ('k', 3)",
                "INSERT INTO made (id, n) VALUES (1, 10)",
                "INSERT INTO \"odd name\" VALUES (x'fffe', 's1'), ('text', 's2'), (12, 's3'), (1.5, 's4')",
                "ALTER TABLE plain ADD COLUMN later REAL DEFAULT 5");
        int count = 6 + 2 + 2 + 3 + 1 + 4;
        database.execute("UPDATE plain SET t = t || '!' WHERE id = 1");
        List<DataChangeEvent> changes = sink.awaitEvents(count + 1);
        Map<String, List<String>> logged = new TreeMap<>();
        for (DataChangeEvent change : changes.subList(0, count)) {
            boolean before = change.resource().equals("plain");
            if (!before) {
                logged.computeIfAbsent(change.resource(), r -> new ArrayList<>())
                        .add(change.id() + " " + change.data());
            }
        }
        logged.forEach((resource, rows) -> assertThat(
                        snapshot(SnapshotRequest.ofResource(resource)).all())
                .map(SqliteSnapshotTest::text)
                .containsExactlyInAnyOrderElementsOf(rows));
        assertThat(logged.keySet()).containsExactly("keyless", "made", "nullable", "odd", "without");

        // The rows of before have the column that was added, as SQLite says.
        List<SnapshotRow> plain = snapshot(SnapshotRequest.ofResource("plain")).all();
        for (DataChangeEvent change : changes.subList(0, 6)) {
            String row = String.valueOf(change.data());
            String now = row.substring(0, row.length() - 1).replace("text\\n\"", "text\\n!\"") + ", later: 5.0}";
            assertThat(plain).map(SqliteSnapshotTest::text).contains(change.id() + " " + now);
        }
        assertThat(text(plain.stream()
                        .filter(row -> row.id().text().equals("1"))
                        .findFirst()
                        .orElseThrow()))
                .isEqualTo(changes.get(count).id() + " " + changes.get(count).data());

        for (DataChangeEvent change : changes) {
            if (change.id() != null && !change.resource().equals("plain")) {
                assertThat(snapshot(SnapshotRequest.ofRecord(
                                        change.resource(), change.id().text()))
                                .all())
                        .as("the record %s of %s", change.id(), change.resource())
                        .map(SqliteSnapshotTest::text)
                        .containsExactly(change.id() + " " + change.data());
            }
        }
        assertThat(snapshot(SnapshotRequest.ofRecord("plain", "9007199254740993"))
                        .all())
                .hasSize(1);
        for (String nobody : List.of("0", "abc", "1,2", "01", "1.0", "")) {
            assertThat(snapshot(SnapshotRequest.ofRecord("plain", nobody)).all())
                    .as("the record '%s'", nobody)
                    .isEmpty();
        }
        assertThat(snapshot(SnapshotRequest.ofRecord("keyless", "1")).all()).isEmpty();
    }

    private static String text(SnapshotRow row) {
        return row.id() + " " + row.data();
    }

    private static ResourceConfig resource(String table, Numbers numbers) {
        return ResourceConfig.ofTable(new TableName("main", table), numbers);
    }

    @Test
    void onlyTheColumnsAndRowsThatAreAskedForAreRead() {
        database.execute(
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, body TEXT)",
                "INSERT INTO post VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'a', 'z')");
        start(database.source());
        assertThat(snapshot(new SnapshotRequest("post", null, RowFilter.ALL, List.of("body", "title")))
                        .all())
                .map(SqliteSnapshotTest::text)
                .containsExactlyInAnyOrder(
                        "RecordId[text=1, json=1] {title: \"a\", body: \"x\"}",
                        "RecordId[text=2, json=2] {title: \"b\", body: \"y\"}",
                        "RecordId[text=3, json=3] {title: \"a\", body: \"z\"}");
        RowFilter titled = RowFilter.compare("title", Operator.EQ, new FilterValue.Text("a"));
        assertThat(snapshot(new SnapshotRequest("post", null, titled, List.of("id")))
                        .all())
                .map(row -> row.id().text())
                .containsExactlyInAnyOrder("1", "3");
        assertThat(snapshot(new SnapshotRequest("post", "2", titled, List.of())).all())
                .as("a record that the filter hides")
                .isEmpty();
        assertThat(snapshot(new SnapshotRequest("post", "3", titled, List.of())).all())
                .hasSize(1);
        SnapshotFailure misfit = snapshot(new SnapshotRequest("post", null, RowFilter.isNull("titel"), List.of()))
                .outcome();
        assertThat(misfit.sentence()).contains("there is no column \"titel\"");
        SnapshotFailure unknown = snapshot(new SnapshotRequest("post", null, RowFilter.ALL, List.of("titel")))
                .outcome();
        assertThat(unknown.sentence()).contains("titel").contains("id, title, body");
        assertThat(unknown.retryAfter()).isNull();
    }

    @Test
    void withARollbackJournalSnapshotsAreRefusedWithTheWayOut() {
        database.execute("CREATE TABLE post (id INTEGER PRIMARY KEY)", "INSERT INTO post VALUES (1)");
        start(new SqliteSource(
                SqliteAddress.parse(database.url()),
                new SqliteSource.Follow(false, 256L << 20, true, 4L << 30, 100, 0, false),
                Numbers.NUMBER,
                List.of()));
        SnapshotFailure refusal = snapshot(SnapshotRequest.ofResource("post")).outcome();
        assertThat(refusal.sentence()).contains("journal_mode=WAL");
        assertThat(refusal.retryAfter()).isNull();
        database.execute("INSERT INTO post VALUES (2)");
        assertThat(sink.awaitEvents(1)).hasSize(1);
    }

    /** Two versions of the table are read at the same time, and writers notice nothing. */
    @Test
    void anOpenSnapshotShowsItsOwnMomentAndKeepsNobodyFromWriting() throws InterruptedException {
        database.execute(
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)",
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                        + " INSERT INTO post SELECT i, 'old' FROM n");
        start(database.source());
        CollectedSnapshot slow = new CollectedSnapshot();
        slow.started(engine.rowSource().read(SnapshotRequest.ofResource("post"), slow));
        slow.awaitBegin();
        database.execute("UPDATE post SET title = 'new'", "PRAGMA wal_checkpoint(PASSIVE)");
        List<DataChangeEvent> changes = sink.awaitEvents(5000);
        assertThat(snapshot(SnapshotRequest.ofResource("post")).all())
                .allMatch(row -> "\"new\"".equals(row.data().json("title")));
        slow.take(100);
        assertThat(slow.all())
                .hasSize(5000)
                .allMatch(row -> "\"old\"".equals(row.data().json("title")));
        assertThat(changes).noneMatch(slow.cut()::contains);
    }
}
