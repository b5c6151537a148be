package dev.rowtide.sqlite.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connector is down, and meanwhile the database's files are damaged, replaced or cut. Whatever SQLite still reads there is what the events must come to; where it reads nothing, an
 * error must come. In no case is a row told that contradicts an earlier one, or is the database changed by us: its bytes are in the end what they are when SQLite alone had opened it.
 *
 * <p>{@code sqlite.damage.seeds=1-100} damages other places, too.
 */
final class DamageTest {
    private static final String SEEDS = System.getProperty("sqlite.damage.seeds", "1");
    private static final int PAGE = 1024;

    @TempDir
    private static Path root;

    /** With a log that the connector has read half of, when everybody died. */
    private static Path withLog;

    /** Closed by its last user, who took the log along; the connector has not seen all of it. */
    private static Path closed;

    private static FollowedDatabase original;
    private static final List<Map<String, String>> seen = new ArrayList<>();

    private interface Damage {
        void to(Path database, Random random) throws IOException;
    }

    @BeforeAll
    static void layDown() throws Exception {
        original = new FollowedDatabase(Files.createDirectory(root.resolve("run")));
        original.exec(
                "PRAGMA page_size=" + PAGE,
                "PRAGMA journal_mode=WAL",
                "PRAGMA wal_autocheckpoint=0",
                "CREATE TABLE marker(id INTEGER PRIMARY KEY, n INTEGER)",
                "INSERT INTO marker VALUES(0, 0)",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT)",
                "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                "CREATE INDEX i ON t(b)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 400) INSERT INTO t SELECT i, 'value ' || (i * 31), 'text ' || i FROM n",
                "INSERT INTO w SELECT 'key' || id, zeroblob(id * 7) FROM t",
                "UPDATE t SET a = substr(hex(zeroblob(6000)), 1, 9000 + id) WHERE id % 100 = 0",
                "DELETE FROM t WHERE id > 320",
                "PRAGMA wal_checkpoint(TRUNCATE)",
                "UPDATE t SET a = a || 'x' WHERE id < 50");
        recordState();
        original.startTail(TailOptions.PLAIN);
        original.exec("UPDATE t SET b = 'seen' WHERE id = 7");
        recordState();
        original.awaitCaughtUp();
        original.killTail();
        original.exec("UPDATE t SET b = 'unseen' WHERE id BETWEEN 5 AND 20", "DELETE FROM w WHERE k LIKE '%9'");
        original.writer.kill();
        withLog = root.resolve("with-log");
        FuzzRun.copyAll(original.dir, withLog);
        closed = root.resolve("closed");
        FuzzRun.copyAll(original.dir, closed);
        checkpoint(closed.resolve("app.db"));
    }

    private static void recordState() {
        original.committed("before the damage");
        seen.add(original.writer.digests());
    }

    @AfterAll
    static void end() throws InterruptedException {
        original.end();
    }

    @TestFactory
    List<DynamicTest> damageToALogIsToldOrHarmless() {
        var kinds = new LinkedHashMap<String, Damage>();
        kinds.put("no damage", (db, random) -> {});
        kinds.put("a log cut at random", (db, random) -> cut(wal(db), random));
        kinds.put("a log cut inside its header", (db, random) -> length(wal(db), 17));
        kinds.put("a log without a byte", (db, random) -> length(wal(db), 0));
        kinds.put("no log", (db, random) -> Files.delete(wal(db)));
        kinds.put("a wrong byte in the log", (db, random) -> flip(wal(db), 32, Integer.MAX_VALUE, random));
        kinds.put("a wrong byte in the log's header", (db, random) -> flip(wal(db), 0, 32, random));
        kinds.put("bytes behind the log", (db, random) -> append(wal(db), random));
        kinds.put(
                "another database's log",
                (db, random) -> Files.move(foreign(), wal(db), StandardCopyOption.REPLACE_EXISTING));
        kinds.put("a wal-index of noise", (db, random) -> noise(shm(db), random));
        kinds.put("a wal-index cut", (db, random) -> length(shm(db), 100));
        kinds.put("no wal-index", (db, random) -> Files.deleteIfExists(shm(db)));
        return tests(withLog, kinds, true);
    }

    @TestFactory
    List<DynamicTest> damageToADatabaseIsToldOrHarmless() {
        var kinds = new LinkedHashMap<String, Damage>();
        kinds.put("no damage", (db, random) -> {});
        kinds.put("a database cut inside a page", DamageTest::cut);
        kinds.put("a wrong byte in the database", (db, random) -> flip(db, 100, Integer.MAX_VALUE, random));
        kinds.put("wrong bytes in the database", (db, random) -> {
            for (int i = 0; i < 20; i++) {
                flip(db, 100, Integer.MAX_VALUE, random);
            }
        });
        kinds.put("a wrong byte in a page's header", (db, random) -> {
            int page = 1 + random.nextInt((int) (Files.size(db) / PAGE) - 1);
            flip(db, page * PAGE, page * PAGE + 12, random);
        });
        kinds.put("a page of zeros", (db, random) -> page(db, random, new byte[PAGE]));
        kinds.put("a page of noise", (db, random) -> {
            byte[] page = new byte[PAGE];
            random.nextBytes(page);
            page(db, random, page);
        });
        kinds.put("a page that is a copy of another", (db, random) -> {
            byte[] file = Files.readAllBytes(db);
            int from = random.nextInt(file.length / PAGE) * PAGE;
            page(db, random, java.util.Arrays.copyOfRange(file, from, from + PAGE));
        });
        kinds.put("a tree that contains itself", (db, random) -> cycle(db, 5));
        kinds.put("an index tree that contains itself", (db, random) -> cycle(db, 2));
        kinds.put("another page size in the header", (db, random) -> bytes(db, 16, 2, 0));
        kinds.put("an unknown schema format", (db, random) -> bytes(db, 44, 0, 0, 0, 9));
        kinds.put("a database of noise", DamageTest::noise);
        kinds.put("an empty database", (db, random) -> length(db, 0));
        return tests(closed, kinds, false);
    }

    private static List<DynamicTest> tests(Path base, Map<String, Damage> kinds, boolean log) {
        var tests = new ArrayList<DynamicTest>();
        String[] range = SEEDS.split("-");
        for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[range.length - 1]); seed++) {
            long one = seed;
            kinds.forEach((name, damage) -> tests.add(
                    DynamicTest.dynamicTest(name + " (" + one + ")", () -> run(base, damage, name, one, log))));
        }
        return tests;
    }

    private static void run(Path base, Damage damage, String name, long seed, boolean log) throws Exception {
        FuzzRun.deleteAll(original.dir);
        FuzzRun.copyAll(base, original.dir);
        damage.to(original.database, new Random(seed * 31 + name.hashCode()));
        Path reference = root.resolve("reference");
        FuzzRun.deleteAll(reference);
        FuzzRun.copyAll(original.dir, reference);
        Path copy = reference.resolve("app.db");
        boolean empty = Files.size(copy) == 0;

        // What SQLite makes of it, on a copy. The consumer is where the one before the damage was.
        var digests = new TreeMap<String, String>();
        var rows = new TreeMap<String, List<String>>();
        String unreadable = read(copy, digests, rows);
        var run = new FollowedDatabase(original.dir);
        seen.forEach(state -> run.states.add(state, 0, "before the damage"));
        run.replay.expectStart(false);
        original.said.forEach(run.replay::line);
        if (unreadable == null) {
            run.states.beginFree();
            run.states.add(digests, 0, "what SQLite reads");
        }

        String told = follow(run, unreadable);
        // A torn log is what a crash leaves, and SQLite's recovery decides what it holds: no reason for an error.
        if (unreadable == null && (log || empty || name.equals("no damage"))) {
            assertThat(told).isNull();
        }
        if (told == null && unreadable == null) {
            run.replay.requireRows(rows);
        }

        // An empty database becomes one in WAL mode, which is the one thing that we write.
        if (!empty) {
            checkpoint(copy);
            checkpoint(run.database);
            assertThat(Files.mismatch(run.database, copy))
                    .as("the first byte that we changed")
                    .isEqualTo(-1);
        }
        System.out.println(name + " (" + seed + "): SQLite " + (unreadable == null ? "reads it" : unreadable) + "; we: "
                + (told == null ? "the same rows" : told));
    }

    /** @return the error that was told, or null if the events came to what SQLite reads */
    private static String follow(FollowedDatabase run, String unreadable) throws InterruptedException {
        try {
            run.startTail(TailOptions.PLAIN);
            if (unreadable == null || run.tail.drained()) {
                run.awaitCaughtUp();
                return null;
            }
            // Told by the next event, or there is nothing that could be told.
            run.stopTail();
            return "nothing to tell";
        } catch (Replay.StreamFailed e) {
            return e.getMessage();
        } finally {
            run.tail.kill();
        }
    }

    /** {@return what is wrong with it, or null} */
    private static String read(Path database, Map<String, String> digests, Map<String, List<String>> rows) {
        try {
            Writer.Jdbc.parse(WriterProcess.read(database.toString(), true), digests, rows);
            return null;
        } catch (SQLException e) {
            return e.getMessage();
        }
    }

    private static void checkpoint(Path database) {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            // Damaged beyond that. The bytes are compared as they are.
        }
    }

    private static Path wal(Path database) {
        return database.resolveSibling("app.db-wal");
    }

    private static Path shm(Path database) {
        return database.resolveSibling("app.db-shm");
    }

    private static void cut(Path file, Random random) throws IOException {
        length(file, 1 + random.nextInt((int) Files.size(file) - 1));
    }

    private static void length(Path file, long length) throws IOException {
        try (var access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(length);
        }
    }

    private static void flip(Path file, int from, int to, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = from + random.nextInt(Math.min(to, bytes.length) - from);
        bytes[at] ^= (byte) (1 + random.nextInt(255));
        Files.write(file, bytes);
    }

    private static void append(Path file, Random random) throws IOException {
        byte[] bytes = new byte[3000];
        random.nextBytes(bytes);
        Files.write(file, bytes, StandardOpenOption.APPEND);
    }

    private static void noise(Path file, Random random) throws IOException {
        byte[] bytes = new byte[(int) Files.size(file)];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }

    private static void page(Path file, Random random, byte[] content) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int page = 1 + random.nextInt(bytes.length / PAGE - 1);
        System.arraycopy(content, 0, bytes, page * PAGE, PAGE);
        Files.write(file, bytes);
    }

    private static void bytes(Path file, int at, int... values) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < values.length; i++) {
            bytes[at + i] = (byte) values[i];
        }
        Files.write(file, bytes);
    }

    /** Lets the first interior page of a kind be its own last child. */
    private static void cycle(Path file, int type) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int page = 2; page <= bytes.length / PAGE; page++) {
            int at = (page - 1) * PAGE;
            if (bytes[at] == type) {
                bytes(file, at + 8, page >>> 24, page >>> 16, page >>> 8, page);
                return;
            }
        }
        throw new AssertionError("no page of type " + type);
    }

    /** The log of a database that has the same page size and nothing else in common. */
    private static Path foreign() throws IOException {
        Path dir = root.resolve("foreign");
        FuzzRun.deleteAll(dir);
        var other = new FollowedDatabase(Files.createDirectory(dir));
        other.exec(
                "PRAGMA page_size=" + PAGE,
                "PRAGMA journal_mode=WAL",
                "CREATE TABLE o(id INTEGER PRIMARY KEY, x)",
                "INSERT INTO o VALUES(1, 'foreign'), (2, zeroblob(5000))");
        other.writer.kill();
        return wal(other.database);
    }
}
