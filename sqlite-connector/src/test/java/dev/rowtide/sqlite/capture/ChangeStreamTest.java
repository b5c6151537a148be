package dev.rowtide.sqlite.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rowtide.sqlite.capture.ChangeStream.Outcome;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.log.UnusableDatabaseException;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.rows.TableReader;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChangeStreamTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration QUIET = Duration.ofMillis(300);
    private static final long MIB = 1024 * 1024;

    @TempDir
    Path folder;

    private Path database;
    private Path state;

    @BeforeEach
    void makeDatabase() throws SQLException {
        database = folder.resolve("app.db");
        state = folder.resolve("state");
        sql(database, "CREATE TABLE post(id INTEGER PRIMARY KEY, title TEXT)", "INSERT INTO post VALUES (1, 'one')");
    }

    @Test
    void everyCommitComesInOrderWithBeforeAndAfter() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.empty())).isEqualTo(Outcome.FIRST);
            sql(database, "INSERT INTO post VALUES (2, 'two')");
            sql(
                    database,
                    "BEGIN",
                    "UPDATE post SET title = 'uno' WHERE id = 1",
                    "DELETE FROM post WHERE id = 2",
                    "COMMIT");
            Tape tape = take(stream, 2);
            assertThat(tape.lines)
                    .containsExactly(
                            "begin COMMIT",
                            "CREATE post null -> 2|two",
                            "end",
                            "begin COMMIT",
                            "UPDATE post 1|one -> 1|uno",
                            "DELETE post 2|two -> null",
                            "end");
            assertThat(tape.seqs.get(1)).isEqualTo(tape.seqs.get(0) + 1);
        }
    }

    @Test
    void rolledBackChangesDoNotCome() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            sql(database, "BEGIN", "INSERT INTO post VALUES (9, 'never')", "ROLLBACK");
            assertThat(stream.next(new Tape(), QUIET)).isFalse();
        }
    }

    @Test
    void whatWasCommittedWhileNobodyFollowedComesAsOneNetDifference() throws Exception {
        long seq;
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            seq = stream.seq();
        }
        sql(
                database,
                "INSERT INTO post VALUES (2, 'two')",
                "UPDATE post SET title = 'zwei' WHERE id = 2",
                "PRAGMA wal_checkpoint(TRUNCATE)");
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.of(seq))).isEqualTo(Outcome.RESUMED);
            assertThat(take(stream, 1).lines).containsExactly("begin RESYNC", "CREATE post null -> 2|zwei", "end");
            assertThat(stream.seq()).isGreaterThan(seq);
        }
    }

    @Test
    void whatWasNotAcknowledgedComesAgainUnderTheSameNumbers() throws Exception {
        long seq;
        Tape first;
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            seq = stream.seq();
            sql(
                    database,
                    "BEGIN",
                    "INSERT INTO post VALUES (2, 'two')",
                    "INSERT INTO post VALUES (3, 'three')",
                    "COMMIT");
            sql(database, "DELETE FROM post");
            first = take(stream, 2);
        }
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.of(seq))).isEqualTo(Outcome.RESUMED);
            Tape again = take(stream, 2);
            assertThat(again.lines).isEqualTo(first.lines);
            assertThat(again.seqs).isEqualTo(first.seqs);
        }
        try (ChangeStream stream = ChangeStream.open(options())) {
            // Who was inside the first of them: there is no commit of that number.
            stream.start(OptionalLong.of(first.seqs.get(0) - 1));
            assertThat(take(stream, 2).lines).isEqualTo(first.lines);
        }
    }

    @Test
    void afterAnAcknowledgementTheShadowFollowsAndOlderPositionsAreLost() throws Exception {
        long before;
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            before = stream.seq();
            sql(database, "INSERT INTO post VALUES (2, 'two')");
            take(stream, 1);
            stream.acknowledge(stream.seq());
        }
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.of(before))).isEqualTo(Outcome.LOST);
            assertThat(rows(stream)).containsExactly("1|one", "2|two");
            sql(database, "INSERT INTO post VALUES (3, 'three')");
            Tape tape = take(stream, 1);
            assertThat(tape.lines).containsExactly("begin COMMIT", "CREATE post null -> 3|three", "end");
        }
    }

    @Test
    void withoutAStateAPositionIsLostAndNumbersGoOnBeyondIt() throws Exception {
        long known = (System.currentTimeMillis() / 1000 << 20) + 5_000_000;
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.of(known))).isEqualTo(Outcome.LOST);
            assertThat(stream.seq()).isGreaterThan(known);
        }
    }

    @Test
    void aPositionAheadOfTheStateIsRenumberedAndNothingIsLost() throws Exception {
        long seq;
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            seq = stream.seq();
        }
        sql(database, "INSERT INTO post VALUES (2, 'two')");
        try (ChangeStream stream = ChangeStream.open(options())) {
            long ahead = seq + 7;
            assertThat(stream.start(OptionalLong.of(ahead))).isEqualTo(Outcome.RENUMBERED);
            Tape tape = take(stream, 1);
            assertThat(tape.lines).contains("CREATE post null -> 2|two");
            assertThat(tape.seqs.get(0)).isGreaterThan(ahead);
        }
    }

    @Test
    void aStateWithoutAPositionIsBroughtUpSilently() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
        }
        sql(database, "INSERT INTO post VALUES (2, 'two')");
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.empty())).isEqualTo(Outcome.NO_POSITION);
            assertThat(rows(stream)).containsExactly("1|one", "2|two");
            assertThat(stream.next(new Tape(), QUIET)).isFalse();
        }
    }

    @Test
    void aConsumerThatBlocksDoesNotKeepTheUsersLog() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            CountDownLatch blocked = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            Tape tape = new Tape() {
                @Override
                public void row(RowChange change) {
                    blocked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    super.row(change);
                }
            };
            sql(database, "INSERT INTO post VALUES (2, 'two')");
            Thread consumer = new Thread(() -> {
                try {
                    stream.next(tape, SOON);
                } catch (IOException | InterruptedException e) {
                    tape.lines.add(e.toString());
                }
            });
            consumer.start();
            assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 3; i < 50; i++) {
                sql(database, "INSERT INTO post VALUES (" + i + ", 'more')");
            }
            boolean truncated = false;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!truncated && System.nanoTime() - deadline < 0) {
                sql(database, "PRAGMA busy_timeout = 2000", "PRAGMA wal_checkpoint(TRUNCATE)");
                truncated = Files.size(folder.resolve("app.db-wal")) == 0;
            }
            assertThat(truncated).isTrue();
            release.countDown();
            consumer.join();
            assertThat(tape.lines).containsExactly("begin COMMIT", "CREATE post null -> 2|two", "end");
            assertThat(take(stream, 47).lines).hasSize(47 * 3).contains("CREATE post null -> 49|more");
        }
    }

    @Test
    void aFullSpoolLetsTheLogGoAndTheRestComesAsOneDifference() throws Exception {
        sql(database, "CREATE TABLE blob(id INTEGER PRIMARY KEY, b BLOB)");
        try (ChangeStream stream = ChangeStream.open(options(64 * MIB, 1.0))) {
            stream.start(OptionalLong.empty());
            for (int i = 0; i < 12; i++) {
                sql(database, "INSERT OR REPLACE INTO blob VALUES (" + i % 5 + ", zeroblob(" + (8 * MIB + i) + "))");
            }
            await().untilAsserted(
                            () -> assertThat(stream.metrics().spoolOverflows()).isPositive());
            Tape tape = new Tape();
            boolean resynced = false;
            while (!resynced && stream.next(tape, SOON)) {
                stream.acknowledge(stream.seq());
                resynced = tape.lines.contains("begin RESYNC");
            }
            assertThat(resynced).isTrue();
            List<String> sizes = new ArrayList<>();
            TableReader reader = stream.table(stream.schema().table("blob").orElseThrow());
            for (RowChange row = reader.next(); row != null; row = reader.next()) {
                sizes.add(((StoredValue.Blob) row.after()[1]).bytes().length - 8 * MIB + "");
            }
            assertThat(sizes).containsExactly("10", "11", "7", "8", "9");
        }
    }

    @Test
    void aReplacedDatabaseComesAsItsNetDifference() throws Exception {
        Path other = folder.resolve("other.db");
        sql(
                other,
                "CREATE TABLE post(id INTEGER PRIMARY KEY, title TEXT)",
                "INSERT INTO post VALUES (1, 'one'), (7, 'seven')");
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            Files.move(other, database, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(folder.resolve("app.db-wal"));
            Files.deleteIfExists(folder.resolve("app.db-shm"));
            assertThat(take(stream, 1).lines).containsExactly("begin RESYNC", "CREATE post null -> 7|seven", "end");
            sql(database, "DELETE FROM post WHERE id = 7");
            assertThat(take(stream, 1).lines).containsExactly("begin COMMIT", "DELETE post 7|seven -> null", "end");
        }
    }

    @Test
    void aResyncBeyondTheAllowedShareStopsBeforeAFlood() throws Exception {
        long seq;
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            seq = stream.seq();
        }
        sql(
                database,
                "CREATE TABLE flood(a)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO flood SELECT hex(i) || 'some text to fill pages' FROM n",
                "PRAGMA wal_checkpoint(TRUNCATE)");
        try (ChangeStream stream = ChangeStream.open(options(1024 * MIB, 0.5))) {
            assertThatThrownBy(() -> stream.start(OptionalLong.of(seq)))
                    .isInstanceOf(UnusableDatabaseException.class)
                    .hasMessageContaining("resync.max.share");
        }
        try (ChangeStream stream = ChangeStream.open(options())) {
            assertThat(stream.start(OptionalLong.of(seq))).isEqualTo(Outcome.RESUMED);
            assertThat(take(stream, 1).lines).hasSize(20_000 + 3);
        }
    }

    @Test
    void aRollbackJournalDatabaseIsFollowedByComparing() throws Exception {
        LiveOptions live = new LiveOptions(false, 256 * MIB, true, Duration.ofSeconds(5), true);
        ChangeStream.Options options = new ChangeStream.Options(
                database, state, live, new CaptureState.Limits(1024 * MIB, false), table -> true, null, 0, 1.0);
        try (ChangeStream stream = ChangeStream.open(options)) {
            stream.start(OptionalLong.empty());
            sql(database, "PRAGMA journal_mode", "INSERT INTO post VALUES (2, 'two')");
            assertThat(take(stream, 1).lines).containsExactly("begin RESYNC", "CREATE post null -> 2|two", "end");
        }
        assertThat(folder.resolve("app.db-wal")).doesNotExist();
    }

    @Test
    void schemaChangesComeBeforeTheRowsOfTheirTransaction() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            sql(
                    database,
                    "BEGIN",
                    "ALTER TABLE post ADD COLUMN stars INTEGER DEFAULT 3",
                    "INSERT INTO post VALUES (2, 'two', 5)",
                    "CREATE TABLE tag(name TEXT PRIMARY KEY)",
                    "INSERT INTO tag VALUES ('a')",
                    "COMMIT");
            sql(database, "UPDATE post SET title = 'uno' WHERE id = 1", "DROP TABLE tag");
            assertThat(take(stream, 3).lines)
                    .containsExactly(
                            "begin COMMIT",
                            "schema post -> post",
                            "schema null -> tag",
                            "CREATE post null -> 2|two|5",
                            "CREATE tag null -> a",
                            "end",
                            "begin COMMIT",
                            "UPDATE post 1|one|3 -> 1|uno|3",
                            "end",
                            "begin COMMIT",
                            "schema tag -> null",
                            "end");
        }
    }

    @Test
    void anotherDatabaseInTheSameStateDirectoryIsRefused() throws Exception {
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
        }
        Path other = folder.resolve("other.db");
        sql(other, "CREATE TABLE x(a)");
        ChangeStream.Options options = new ChangeStream.Options(
                other, state, options().live(), options().limits(), table -> true, null, 0, 1.0);
        try (ChangeStream stream = ChangeStream.open(options)) {
            assertThatThrownBy(() -> stream.start(OptionalLong.empty()))
                    .hasMessageContaining("belongs to the database " + database);
        }
    }

    @Test
    void theAuditFindsAFileThatWasOverwrittenInPlace() throws Exception {
        sql(database, "INSERT INTO post VALUES (2, 'needle')", "PRAGMA wal_checkpoint(TRUNCATE)");
        // Read now: while SQLite holds locks, opening and closing the file here would drop them.
        String bytes = Files.readString(database, StandardCharsets.ISO_8859_1);
        int at = bytes.indexOf("needle");
        ChangeStream.Options plain = options();
        ChangeStream.Options audited = new ChangeStream.Options(
                database, state, plain.live(), plain.limits(), table -> true, null, 0, 1.0, 1000);
        try (ChangeStream stream = ChangeStream.open(audited)) {
            stream.start(OptionalLong.empty());
            Process other = new ProcessBuilder(
                            "sh",
                            "-c",
                            "printf NEEDLE | dd of='" + database + "' bs=1 seek=" + at + " conv=notrunc 2>&1")
                    .start();
            other.getInputStream().readAllBytes();
            assertThat(other.waitFor()).isZero();
            assertThat(take(stream, 1).lines)
                    .containsExactly("begin RESYNC", "UPDATE post 2|needle -> 2|NEEDLE", "end");
        }
    }

    @Test
    void anEmptyDatabaseIsFollowedFromItsFirstTable() throws Exception {
        database = folder.resolve("empty.db");
        Files.createFile(database);
        try (ChangeStream stream = ChangeStream.open(options())) {
            stream.start(OptionalLong.empty());
            sql(database, "CREATE TABLE a(x INTEGER PRIMARY KEY)", "INSERT INTO a VALUES (1)");
            assertThat(take(stream, 2).lines)
                    .containsExactly(
                            "begin COMMIT", "schema null -> a", "end", "begin COMMIT", "CREATE a null -> 1", "end");
        }
    }

    private ChangeStream.Options options() {
        return options(1024 * MIB, 1.0);
    }

    private ChangeStream.Options options(long spool, double share) {
        LiveOptions live = new LiveOptions(true, 256 * MIB, true, Duration.ofSeconds(5), true);
        return new ChangeStream.Options(
                database, state, live, new CaptureState.Limits(spool, false), table -> true, null, 0, share);
    }

    private static void sql(Path database, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static Tape take(ChangeStream stream, int transactions) throws IOException, InterruptedException {
        Tape tape = new Tape();
        for (int i = 0; i < transactions; i++) {
            assertThat(stream.next(tape, SOON))
                    .as("transaction %d after %s", i + 1, tape.lines)
                    .isTrue();
        }
        return tape;
    }

    private static List<String> rows(ChangeStream stream) throws IOException {
        List<String> rows = new ArrayList<>();
        TableReader reader = stream.table(stream.schema().table("post").orElseThrow());
        for (RowChange row = reader.next(); row != null; row = reader.next()) {
            rows.add(text(row.after()));
        }
        return rows;
    }

    private static @Nullable String text(StoredValue @Nullable [] row) {
        return row == null ? null : Stream.of(row).map(ChangeStreamTest::text).collect(Collectors.joining("|"));
    }

    private static String text(StoredValue value) {
        if (value instanceof StoredValue.Text text) {
            return new String(text.bytes(), StandardCharsets.UTF_8);
        }
        return value instanceof StoredValue.Int number ? Long.toString(number.value()) : value.toString();
    }

    /** What came, line by line. */
    private static class Tape implements ChangeStream.TransactionHandler {
        final List<String> lines = new ArrayList<>();
        final List<Long> seqs = new ArrayList<>();

        @Override
        public void begin(TransactionHeader transaction) {
            lines.add("begin " + transaction.kind());
            seqs.add(transaction.seq());
        }

        @Override
        public void schema(SchemaChange change) {
            lines.add("schema "
                    + (change.before() == null ? null : change.before().name()) + " -> "
                    + (change.after() == null ? null : change.after().name()));
        }

        @Override
        public void row(RowChange change) {
            lines.add(change.kind() + " " + change.table().name() + " " + text(change.before()) + " -> "
                    + text(change.after()));
        }

        @Override
        public void end(TransactionHeader transaction) {
            lines.add("end");
        }
    }
}
