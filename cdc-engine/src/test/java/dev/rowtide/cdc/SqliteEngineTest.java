package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceHealth.State;
import dev.rowtide.feed.StorageClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine on a real SQLite file, started, stopped and found in every state. */
class SqliteEngineTest {
    @TempDir
    Path folder;

    private final RecordingSink sink = new RecordingSink();
    private TestFile database;
    private Path data;
    private ChangeEngine engine;

    @BeforeEach
    void create() {
        data = folder.resolve("data");
        database = new TestFile(folder.resolve("app.db"));
        database.execute("PRAGMA journal_mode = WAL", "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)");
    }

    @AfterEach
    void stop() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    private void start() {
        engine = new ChangeEngine(database.source(), data, sink);
        engine.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().state() == State.FLOWING);
    }

    @Test
    void committedRowsArriveInCommitOrderWithTheirTransaction() {
        start();
        database.execute(
                "INSERT INTO post VALUES (1, 'a'), (2, 'b')",
                "UPDATE post SET title = 'c' WHERE id = 1",
                "DELETE FROM post WHERE id = 2");
        List<DataChangeEvent> events = sink.awaitEvents(4);
        assertThat(events)
                .map(e -> e.operation().wireName() + " " + e.id().json() + " " + e.data())
                .containsExactly(
                        "create 1 {id: 1, title: \"a\"}",
                        "create 2 {id: 2, title: \"b\"}",
                        "update 1 {id: 1, title: \"c\"}",
                        "delete 2 null");
        assertThat(events).map(e -> e.transaction().index()).containsExactly(0, 1, 0, 0);
        assertThat(events).map(e -> e.transaction().last()).containsExactly(false, true, true, true);
        assertThat(events).map(DataChangeEvent::position).isSorted().doesNotHaveDuplicates();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(engine.metrics().marked())
                        .isEqualTo(Position.boundary(
                                events.get(3).position().epoch(),
                                Long.parseLong(events.get(3).transaction().id()))));
    }

    @Test
    void howLargeTheLogIsIsKnown() throws IOException {
        start();
        database.execute("INSERT INTO post VALUES (1, '" + "x".repeat(100_000) + "')");
        sink.awaitEvents(1);
        assertThat(engine.keptLogBytes()).isGreaterThan(100_000).isEqualTo(Files.size(folder.resolve("app.db-wal")));
    }

    @Test
    void theShapeOfAResourceIsKnownBeforeItsFirstRowAndFollowsItsSchema() {
        database.execute(
                "CREATE TABLE doc (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, at DATETIME, body BLOB, any,"
                        + " v AS (id + 1))");
        start();
        RowShape before = new RowShape(
                List.of("id", "name", "at", "body", "any"),
                List.of(
                        new Dynamic(Affinity.INTEGER, Collation.BINARY),
                        new Dynamic(Affinity.TEXT, Collation.NOCASE),
                        new Dynamic(Affinity.NUMERIC, Collation.BINARY),
                        new Dynamic(Affinity.BLOB, Collation.BINARY),
                        new Dynamic(Affinity.NONE, Collation.BINARY)));
        assertThat(engine.resourceShape("doc")).contains(before);
        assertThat(engine.resourceShape("other")).isEmpty();
        database.execute("INSERT INTO doc VALUES (1, 'a', '2024-01-01', x'00', 5)");
        assertThat(sink.awaitEvents(1).get(0).data().shape()).isEqualTo(before);
        assertThat(sink.events.get(0).data().storageClass(3)).isEqualTo(StorageClass.BLOB);

        database.execute(
                "CREATE TABLE late (a REAL)",
                "INSERT INTO late VALUES (1)",
                "ALTER TABLE doc ADD more TEXT COLLATE RTRIM",
                "INSERT INTO doc (id) VALUES (2)");
        RowShape after = sink.awaitEvents(3).get(2).data().shape();
        assertThat(after.types()).last().isEqualTo(new Dynamic(Affinity.TEXT, Collation.RTRIM));
        assertThat(engine.resourceShape("late"))
                .as("a table that the decoder met first")
                .contains(new RowShape(List.of("a"), List.of(new Dynamic(Affinity.REAL, Collation.BINARY))));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(engine.resourceShape("doc")).contains(after));
    }

    @Test
    void whatWasWrittenWhileTheBridgeWasDownComesAfterwardsAndRowsOfBeforeDoNot() {
        database.execute("INSERT INTO post VALUES (1, 'there before')");
        start();
        // Whoever subscribed before the copy was made has to read anew: what was committed meanwhile is in it.
        assertThat(sink.gaps).containsExactly(GapReason.EPOCH_CHANGED);
        database.execute("INSERT INTO post VALUES (2, 'b')");
        sink.awaitEvents(1);
        stop();
        database.execute("INSERT INTO post VALUES (3, 'c')", "DELETE FROM post WHERE id = 1");
        start();
        List<DataChangeEvent> events = sink.awaitEvents(3);
        assertThat(events).map(e -> e.id().text()).containsExactlyInAnyOrder("2", "3", "1");
        assertThat(events).map(DataChangeEvent::position).isSorted();
        assertThat(sink.gaps).hasSize(1);
    }

    @Test
    void aTornOffsetFileLosesNothingAndKeepsTheEpoch() throws IOException {
        start();
        database.execute("INSERT INTO post VALUES (1, 'a')");
        Position first = sink.awaitEvents(1).get(0).position();
        stop();
        Files.writeString(data.resolve("offset.json"), "{\"format\":1,\"ep");
        database.execute("INSERT INTO post VALUES (2, 'b')");
        start();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(sink.events)
                        .anySatisfy(e -> assertThat(e.id().text()).isEqualTo("2")));
        assertThat(sink.events).allSatisfy(e -> assertThat(e.position().epoch()).isEqualTo(first.epoch()));
        assertThat(sink.gaps).hasSize(1);
    }

    @Test
    void aLostStateIsANewEpochAndIsSaid() throws IOException {
        start();
        database.execute("INSERT INTO post VALUES (1, 'a')");
        Position first = sink.awaitEvents(1).get(0).position();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(data.resolve("offset.json")));
        stop();
        try (Stream<Path> files = Files.walk(data.resolve("sqlite-state"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        start();
        database.execute("INSERT INTO post VALUES (2, 'b')");
        DataChangeEvent second = sink.awaitEvents(2).get(1);
        assertThat(sink.gaps).containsExactly(GapReason.EPOCH_CHANGED, GapReason.SOURCE_LOST);
        assertThat(second.id().text()).isEqualTo("2");
        assertThat(second.position()).isGreaterThan(first);
        assertThat(engine.metrics().lostSources()).isEqualTo(1);
    }

    @Test
    void aDamagedStateIsMadeAnewAndIsSaid() throws IOException {
        start();
        database.execute("INSERT INTO post VALUES (1, 'a')");
        sink.awaitEvents(1);
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(data.resolve("offset.json")));
        stop();
        Files.write(data.resolve("sqlite-state/shadow.db"), new byte[100]);
        start();
        assertThat(sink.gaps).containsExactly(GapReason.EPOCH_CHANGED, GapReason.SOURCE_LOST);
        database.execute("INSERT INTO post VALUES (2, 'b')");
        assertThat(sink.awaitEvents(2).get(1).id().text()).isEqualTo("2");
    }

    /** As a restored backup does. No rows are missed, so nobody is told of a gap. */
    @Test
    void aFileThatWasReplacedWhileTheBridgeWasDownComesAsTheDifference() throws IOException {
        start();
        database.execute("INSERT INTO post VALUES (1, 'a'), (2, 'b')");
        sink.awaitEvents(2);
        stop();
        TestFile other = new TestFile(folder.resolve("other.db"));
        other.execute(
                "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)", "INSERT INTO post VALUES (2, 'b'), (3, 'c')");
        Files.deleteIfExists(folder.resolve("app.db-wal"));
        Files.deleteIfExists(folder.resolve("app.db-shm"));
        Files.move(other.path(), database.path(), StandardCopyOption.REPLACE_EXISTING);
        start();
        List<DataChangeEvent> events = sink.awaitEvents(4).subList(2, 4);
        assertThat(events)
                .map(e -> e.operation().wireName() + " " + e.id().text())
                .containsExactlyInAnyOrder("delete 1", "create 3");
        assertThat(sink.gaps).hasSize(1);
    }

    @Test
    void aDatabaseThatIsGoneIsSaidAndItsReturnIsEnough() throws IOException {
        Path away = folder.resolve("away.db");
        Files.move(database.path(), away);
        Files.deleteIfExists(folder.resolve("app.db-wal"));
        Files.deleteIfExists(folder.resolve("app.db-shm"));
        engine = new ChangeEngine(database.source(), data, sink);
        engine.start();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(engine.health().sentence()).contains("there is no file"));
        assertThat(engine.health().state()).isEqualTo(State.FAILED);
        assertThat(database.path()).doesNotExist();
        Files.move(away, database.path());
        await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().ready());
    }
}
