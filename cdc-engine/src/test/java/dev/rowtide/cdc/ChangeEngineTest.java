package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.postgres.PostgresCleanup;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceHealth.State;
import java.io.IOException;
import java.nio.file.Files;
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

class ChangeEngineTest {
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
        engine = new ChangeEngine(database.source(resources), dataDirectory, sink);
        engine.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().state() == State.FLOWING);
    }

    @Test
    void committedRowsArriveInCommitOrderWithTheirTransaction() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY, title text)");
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
        assertThat(events.get(3).old()).hasToString("{id: 2}");
    }

    @Test
    void theShapeOfAResourceIsKnownBeforeItsFirstRowAndFollowsItsSchema() {
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE DOMAIN title AS varchar(20)",
                "CREATE TABLE post (id int8 PRIMARY KEY, how mood, name title, tags text[], secret text,"
                        + " twice int8 GENERATED ALWAYS AS (id * 2) STORED, thrice int8 GENERATED ALWAYS AS (id * 3) VIRTUAL)");
        start(new ResourceConfig(
                "post", new TableName("public", "post"), Set.of(), Set.of("secret"), ResourceConfig.Numbers.NUMBER));
        RowShape before = new RowShape(
                List.of("id", "how", "name", "tags", "twice"),
                List.of(
                        Typed.EXACT_NUMBER,
                        Typed.ENUM,
                        Typed.TEXT,
                        new ColumnType.Opaque("text[]"),
                        Typed.EXACT_NUMBER));
        assertThat(engine.resourceShape("post")).contains(before);
        assertThat(engine.resourceShape("other")).isEmpty();
        database.execute("INSERT INTO post VALUES (1, 'sad')");
        assertThat(sink.awaitEvents(1).get(0).data().shape()).isEqualTo(before);

        database.execute("ALTER TABLE post ADD day date, DROP COLUMN tags", "INSERT INTO post VALUES (2, 'sad')");
        RowShape after = new RowShape(
                List.of("id", "how", "name", "twice", "day"),
                List.of(Typed.EXACT_NUMBER, Typed.ENUM, Typed.TEXT, Typed.EXACT_NUMBER, Typed.DATE));
        assertThat(sink.awaitEvents(2).get(1).data().shape()).isEqualTo(after);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(engine.resourceShape("post")).contains(after));
        assertThat(engine.resourceShape("post").orElseThrow())
                .as("the same object, as long as nothing changes")
                .isSameAs(engine.resourceShape("post").orElseThrow());
    }

    @Test
    void excludedColumnsNeverLeaveAndNumbersAreStringsOnRequest() {
        database.execute("CREATE TABLE users (id int8 PRIMARY KEY, name text, password_hash text, balance numeric)");
        database.execute("ALTER TABLE users REPLICA IDENTITY FULL");
        start(new ResourceConfig(
                "member",
                new TableName("public", "users"),
                Set.of(Operation.CREATE, Operation.UPDATE),
                Set.of("password_hash"),
                ResourceConfig.Numbers.STRING));
        database.execute(
                "INSERT INTO users VALUES (9007199254740993, 'ann', 'secret', 0.10)",
                "UPDATE users SET password_hash = 'secret2'",
                "DELETE FROM users",
                "INSERT INTO users VALUES (1, 'last', 'secret', 1)");
        List<DataChangeEvent> events = sink.awaitEvents(3);
        assertThat(events).map(DataChangeEvent::resource).containsOnly("member");
        assertThat(events)
                .map(DataChangeEvent::operation)
                .containsExactly(Operation.CREATE, Operation.UPDATE, Operation.CREATE);
        assertThat(events.get(0).data()).hasToString("{id: \"9007199254740993\", name: \"ann\", balance: \"0.10\"}");
        assertThat(events.get(0).id()).isEqualTo(new RecordId("9007199254740993", "\"9007199254740993\""));
        assertThat(events.get(1).changed()).isEmpty();
        assertThat(events.toString()).doesNotContain("secret");
        assertThat(engine.resourceNames()).containsExactly("member");
    }

    @Test
    void anExcludedColumnThatIsRenamedStopsTheFeedInsteadOfLeaving() {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, password_hash text)");
        start(new ResourceConfig(
                "member",
                new TableName("public", "users"),
                Set.of(),
                Set.of("password_hash"),
                ResourceConfig.Numbers.NUMBER));
        database.execute("INSERT INTO users VALUES (1, 'secret')");
        sink.awaitEvents(1);
        database.execute("ALTER TABLE users RENAME password_hash TO pw", "INSERT INTO users VALUES (2, 'secret')");
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().state() == State.FAILED);
        assertThat(engine.health().sentence())
                .contains("password_hash")
                .contains("exclude-columns")
                .doesNotContain("secret");
        assertThat(sink.events.toString()).doesNotContain("secret");
        assertThat(distinctById()).containsExactly("1");
    }

    @Test
    void generatedColumnsComeWhereTheServerCanSendThem() {
        database.execute(
                "CREATE TABLE price (id int PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) STORED)");
        start();
        database.execute("INSERT INTO price VALUES (1, 10)");
        // The test server is PostgreSQL 18, the first that can.
        assertThat(sink.awaitEvents(1).get(0).data()).hasToString("{id: 1, net: 10, gross: 20}");
    }

    @Test
    void aTableWithoutIdentityIsLeftOutSoThatItsWritersNoticeNothing() {
        database.execute("CREATE TABLE early (line text)", "CREATE TABLE post (id int PRIMARY KEY)");
        start();
        database.execute("CREATE TABLE late (line text)", "CREATE TABLE sign (id int PRIMARY KEY)");
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.resourceExists("sign"));
        for (String table : List.of("early", "late")) {
            database.execute(
                    "INSERT INTO " + table + " VALUES ('a')",
                    "UPDATE " + table + " SET line = 'b'",
                    "DELETE FROM " + table);
        }
        assertThat(engine.resourceNames()).containsExactly("post", "sign");
    }

    @Test
    void aTableThatIsCreatedLaterBecomesAResource() {
        start();
        database.execute("CREATE TABLE later (id int PRIMARY KEY)");
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.resourceExists("later"));
        database.execute("INSERT INTO later VALUES (1)");
        assertThat(sink.awaitEvents(1)).map(DataChangeEvent::resource).containsExactly("later");
    }

    /** Whoever is told that there is a resource gets its changes: the lock keeps the table out of the publication for a while. */
    @Test
    void aTableIsNoResourceBeforeTheLogBringsItsChanges() throws Exception {
        start();
        try (Connection owner = database.address().connect();
                Statement statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            statement.execute("CREATE TABLE later (id int PRIMARY KEY)");
            owner.commit();
            statement.execute("LOCK TABLE later IN SHARE UPDATE EXCLUSIVE MODE");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> database.query(
                                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                            + " AND query LIKE 'ALTER PUBLICATION%' AND wait_event_type = 'Lock'")
                            .equals("1"));
            assertThat(engine.resourceExists("later")).isFalse();
            owner.commit();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.resourceExists("later"));
        database.execute("INSERT INTO later VALUES (1)");
        assertThat(sink.awaitEvents(1)).map(DataChangeEvent::resource).containsExactly("later");
    }

    @Test
    void whatWasWrittenWhileTheBridgeWasDownComesAfterwards() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        database.execute("INSERT INTO post VALUES (1)");
        sink.awaitEvents(1);
        engine.close();
        database.execute("INSERT INTO post VALUES (2)", "INSERT INTO post VALUES (3)");
        start();
        sink.awaitEvents(3);
        assertThat(distinctById()).containsExactly("1", "2", "3");
        assertThat(sink.gaps).isEmpty();
    }

    @Test
    void aTornOffsetFileLosesNothingAndKeepsPositions() throws IOException {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        for (String torn : List.of("", "{\"format\":1,\"epo", "\u0000\u0000\u0000\u0000", "[]", "{\"format\":99}")) {
            start();
            database.execute("INSERT INTO post SELECT coalesce(max(id), 0) + 1 FROM post");
            int known = Integer.parseInt(database.query("SELECT max(id) FROM post"));
            await().until(() -> distinctById().contains(String.valueOf(known)));
            engine.close();
            Files.writeString(dataDirectory.resolve("offset.json"), torn);
            database.execute("INSERT INTO post SELECT max(id) + 1 FROM post");
        }
        start();
        int last = Integer.parseInt(database.query("SELECT max(id) FROM post"));
        await().until(() -> distinctById().contains(String.valueOf(last)));
        assertThat(distinctById()).hasSize(last);
        // The same change has the same position each time it comes, and no two changes share one.
        assertThat(sink.events.stream().map(DataChangeEvent::position).distinct())
                .hasSize(last);
        assertThat(sink.gaps).isEmpty();
    }

    @Test
    void aDroppedSlotIsANewEpochAndIsSaid() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        database.execute("INSERT INTO post VALUES (1)");
        sink.awaitEvents(1);
        engine.close();
        database.execute(
                "SELECT pg_drop_replication_slot('" + database.source().slotName() + "')",
                "INSERT INTO post VALUES (2)");
        start();
        database.execute("INSERT INTO post VALUES (3)");
        List<DataChangeEvent> events = sink.awaitEvents(2);
        assertThat(sink.gaps).containsExactly(GapReason.SOURCE_LOST);
        assertThat(events.get(1)
                        .position()
                        .epoch()
                        .compareTo(events.get(0).position().epoch()))
                .isPositive();
        assertThat(events.get(1).id().text()).isEqualTo("3");
    }

    @Test
    void aSlotThatSomebodyElseAdvancedIsANewEpochAndIsSaid() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        database.execute("INSERT INTO post VALUES (1)");
        sink.awaitEvents(1);
        engine.close();
        database.execute(
                "INSERT INTO post VALUES (2)",
                "SELECT pg_replication_slot_advance('" + database.source().slotName() + "', pg_current_wal_lsn())");
        start();
        assertThat(sink.gaps).containsExactly(GapReason.SOURCE_LOST);
    }

    @Test
    void aDroppedPublicationIsAPermanentFailureThatSaysWhatToDo() throws SourceFailure {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        database.execute("DROP PUBLICATION " + database.source().publicationName(), "INSERT INTO post VALUES (1)");
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().state() == State.FAILED);
        assertThat(engine.health().sentence()).contains("publication").contains("rowtide drop-slot");
        engine.close();
        assertThat(PostgresCleanup.drop(database.source(), dataDirectory))
                .hasSize(3)
                .first()
                .asString()
                .contains("Dropped");
        assertThat(PostgresCleanup.drop(database.source(), dataDirectory))
                .first()
                .asString()
                .contains("no replication slot");
        start();
        database.execute("INSERT INTO post VALUES (2)");
        sink.awaitEvents(1);
    }

    @Test
    void aChangedPasswordIsPermanentAndMendingItIsEnough() {
        String user = "role_" + database.address().database();
        database.execute("CREATE ROLE " + user + " LOGIN REPLICATION SUPERUSER PASSWORD 'right'");
        PostgresAddress right = new PostgresAddress(
                database.address().host(),
                database.address().port(),
                database.address().database(),
                user,
                "right",
                Map.of());
        // The test server trusts everyone on loopback, so the refusal comes from a role that may not log in.
        engine = new ChangeEngine(new TestServer.Database(right).source(), dataDirectory, sink);
        database.execute("ALTER ROLE " + user + " NOLOGIN");
        engine.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().state() == State.FAILED);
        assertThat(engine.health().sentence()).contains(user).doesNotContain("right");
        database.execute("ALTER ROLE " + user + " LOGIN");
        await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().ready());
    }

    @Test
    void howMuchLogTheServerKeepsIsKnown() throws SQLException {
        database.execute("CREATE TABLE post (id int PRIMARY KEY, title text)");
        start();
        // The log from where the oldest open transaction began is needed to decode it, so none of it can go.
        try (Connection open = database.address().connect()) {
            open.setAutoCommit(false);
            open.createStatement().execute("INSERT INTO post VALUES (0, 'open')");
            database.execute("INSERT INTO post SELECT i, repeat('x', 1000) FROM generate_series(1, 2000) i");
            await().atMost(Duration.ofSeconds(30)).until(() -> engine.keptLogBytes() > 2_000_000);
            open.rollback();
        }
    }

    @Test
    void terminatedConnectionsComeBackAndNothingIsLost() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        for (int i = 1; i <= 5; i++) {
            database.execute("INSERT INTO post VALUES (" + i + ")");
            int runs = (int) engine.metrics().runs();
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            engine.metrics().runs() > runs && engine.health().ready());
        }
        sink.awaitEvents(5);
        await().until(() -> distinctById().size() == 5);
        assertThat(sink.events.stream().map(DataChangeEvent::position).distinct())
                .hasSize(5);
        assertThat(sink.gaps).isEmpty();
    }

    @Test
    void aSecondBridgeWaitsForTheSlotAndTakesOver(@TempDir Path other) {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        start();
        try (ChangeEngine second = new ChangeEngine(database.source(), other, new RecordingSink())) {
            second.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> second.health().state() == State.RETRYING);
            assertThat(second.health().sentence()).contains("in use by server process");
            engine.close();
            await().atMost(Duration.ofSeconds(60)).until(() -> second.health().ready());
        }
    }

    @Test
    void oneDataDirectoryServesOneBridge() {
        start();
        ChangeEngine second = new ChangeEngine(database.source(), dataDirectory, sink);
        assertThatThrownBy(second::start).hasMessageContaining("--data-dir");
    }

    /** Half a minute each; what the slot holds stays below what is written in a few seconds. */
    @Test
    void anIdleDatabaseAndABusyUnwatchedTableDoNotPinTheLog() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY)", "CREATE TABLE busy (id int, filler text)");
        start(ResourceConfig.ofTable(new TableName("public", "post"), ResourceConfig.Numbers.NUMBER));
        await().pollInterval(Duration.ofMillis(250))
                .during(Duration.ofSeconds(30))
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    database.execute("INSERT INTO busy SELECT i, repeat('x', 500) FROM generate_series(1, 500) i");
                    return heldBytes() < 10_000_000;
                });
        await().pollInterval(Duration.ofMillis(250))
                .during(Duration.ofSeconds(30))
                .atMost(Duration.ofSeconds(60))
                .until(() -> heldBytes() < 2_000_000);
    }

    private long heldBytes() {
        return Long.parseLong(
                database.query("SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots"
                        + " WHERE slot_name = '" + database.source().slotName() + "'"));
    }

    private List<String> distinctById() {
        return sink.events.stream().map(e -> e.id().text()).distinct().toList();
    }
}
