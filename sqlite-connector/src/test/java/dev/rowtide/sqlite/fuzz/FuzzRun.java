package dev.rowtide.sqlite.fuzz;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One seed: a database, three users of it in three processes, a tail that is killed and started again, and a replay that believes nothing. Operations are given one at a time, so that a
 * seed can be replayed; only bursts, kills and the tail itself run beside each other.
 */
final class FuzzRun implements Workload.Session {
    /** Without a connector: tries the workload itself. */
    private static final boolean BLIND = Boolean.getBoolean("sqlite.fuzz.blind");

    private static final int[] PAGE_SIZES = {512, 1024, 1024, 4096, 4096, 4096, 8192, 65536};

    private final long seed;
    private final int ops;
    private final Path dir;
    private final Path database;
    private final Path state;
    private final Path offset;
    private final Path log;
    private final Random random;
    /** For what depends on when the tail dies: the users' operations must not. */
    private final Random tailRandom;

    private final boolean utf16;
    /** Whether the database is followed by its pages, without a log. */
    private final boolean journal;

    private final Writer[] writers;
    private final Writer.Jdbc jdbc;
    private final boolean blobs;
    private final boolean[] inTransaction;
    private final String[] outerSavepoint;
    private int holder = -1;
    private final States states = new States();
    private final Replay replay = new Replay(states);
    private final Workload workload;
    private Tail tail;
    private TailOptions tailOptions = TailOptions.PLAIN;
    private boolean dying;
    private boolean stateLost;
    private int tails;
    private int starts;

    private final BufferedWriter protocol;
    private final BufferedWriter events;
    private final ArrayDeque<String> recent = new ArrayDeque<>();
    private final TreeMap<String, Integer> counts = new TreeMap<>();
    private int step;
    private int failedStatements;

    FuzzRun(long seed, int ops, Path dir) throws IOException {
        this.seed = seed;
        this.ops = ops;
        this.dir = dir;
        Files.createDirectories(dir);
        database = dir.resolve("app.db");
        state = dir.resolve("state");
        offset = dir.resolve("offset");
        log = dir.resolve("tail.log");
        protocol = Files.newBufferedWriter(dir.resolve("operations.log"));
        events = Files.newBufferedWriter(dir.resolve("events.log"));
        random = new Random(seed);
        tailRandom = new Random(~seed);
        int encoding = random.nextInt(4);
        utf16 = encoding >= 2;
        journal = random.nextInt(8) == 0;
        jdbc = new Writer.Jdbc(database, dir.resolve("writer.log"));
        Writer second = Writer.Python.available()
                ? new Writer.Python(database)
                : new Writer.Jdbc(database, dir.resolve("writer2.log"));
        Writer third = Writer.Shell.available()
                ? new Writer.Shell(database)
                : new Writer.Jdbc(database, dir.resolve("writer3.log"));
        writers = new Writer[] {jdbc, second, third};
        blobs = second instanceof Writer.Python && Writer.Python.blobs();
        inTransaction = new boolean[writers.length];
        outerSavepoint = new String[writers.length];
        workload = new Workload(random, utf16, this, 8);
        createDatabase(encoding);
    }

    private void createDatabase(int encoding) throws IOException {
        int pageSize = PAGE_SIZES[random.nextInt(PAGE_SIZES.length)];
        int autoVacuum = random.nextInt(3);
        int reserved = random.nextInt(4) == 0 ? 4 * (1 + random.nextInt(8)) : 0;
        exec(0, "PRAGMA page_size=" + pageSize);
        exec(0, "PRAGMA encoding='" + (encoding == 2 ? "UTF-16le" : encoding == 3 ? "UTF-16be" : "UTF-8") + "'");
        exec(0, "PRAGMA auto_vacuum=" + autoVacuum);
        exec(0, "PRAGMA user_version=1");
        jdbc.close();
        if (reserved > 0 && autoVacuum == 0 && pageSize > 512) {
            reserve(pageSize, reserved);
        }
        if (!journal && (random.nextBoolean() || BLIND)) {
            exec(0, "PRAGMA journal_mode=WAL");
        }
        note("seed " + seed + ": page size " + pageSize + ", encoding " + encoding + ", auto_vacuum " + autoVacuum
                + ", reserved " + reserved + ", journal " + journal);
        workload.begin(0, 3 + random.nextInt(5), writers.length);
        committed("the first tables");
    }

    /** Reserved bytes have no PRAGMA: an empty database is told in its header, and by where the content of its only page begins. */
    private void reserve(int pageSize, int bytes) throws IOException {
        byte[] page = Files.readAllBytes(database);
        if (page.length != pageSize) {
            throw new AssertionError("an empty database has " + page.length + " bytes");
        }
        page[20] = (byte) bytes;
        ByteBuffer.wrap(page).putShort(105, (short) (pageSize - bytes));
        Files.write(database, page);
    }

    /** Runs it. */
    String run() throws IOException, InterruptedException {
        try {
            startTail(false);
            while (tail != null && !replay.begun()) {
                tail.requireProgress();
                pump(50);
            }
            for (step = 0; step < ops; step++) {
                step();
                pump(0);
                if (tail == null && tailRandom.nextInt(5) == 0) {
                    startTail(true);
                }
            }
            releaseHolder();
            committed("the end");
            stopTail();
            startTail(false);
            if (tail != null) {
                awaitCaughtUp();
                replay.requireRows(jdbc.rows());
            }
            finish();
            return "seed " + seed + ": " + ops + " operations, " + failedStatements + " statements refused, "
                    + replay.events() + " events, " + replay.resyncs() + " resyncs, starts "
                    + replay.outcomes() + ", longest silence "
                    + (tails == 0 ? 0 : Math.round(longestSilence)) + " s, " + counts;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(explain(e), e);
        } finally {
            if (tail != null) {
                tail.kill();
            }
            for (Writer writer : writers) {
                writer.kill();
            }
            protocol.close();
            events.close();
        }
    }

    private double longestSilence;

    private void step() throws InterruptedException, IOException {
        int choice = random.nextInt(100);
        int writer = freeWriter();
        if (choice < 54) {
            workload.transaction(writer);
        } else if (choice < 58) {
            count("spill");
            workload.spill(writer);
        } else if (choice < 59) {
            count("attached");
            workload.attached(writer, dir.resolve("other.db").toString());
        } else if (choice < 60) {
            if (random.nextInt(3) == 0) {
                count("large");
                workload.large(writer);
            }
        } else if (choice < 61) {
            restore();
        } else if (choice < 62) {
            replaceDatabase();
        } else if (choice < 65) {
            count("vacuum");
            exec(writer, "VACUUM");
            committed("VACUUM");
        } else if (choice < 67) {
            exec(writer, "PRAGMA incremental_vacuum(" + (1 + random.nextInt(20)) + ")");
            committed("incremental_vacuum");
        } else if (choice < 72) {
            String[] modes = {"PASSIVE", "FULL", "RESTART", "TRUNCATE"};
            exec(writer, "PRAGMA busy_timeout=" + (holder >= 0 ? 100 : 1000));
            exec(writer, "PRAGMA wal_checkpoint(" + modes[random.nextInt(4)] + ")");
            exec(writer, "PRAGMA busy_timeout=20000");
        } else if (choice < 75) {
            note("close " + writer);
            writers[writer].close();
        } else if (choice < 77) {
            String[] settings = {
                "cache_size=5",
                "cache_size=-2000",
                "wal_autocheckpoint=10",
                "wal_autocheckpoint=1000",
                "wal_autocheckpoint=0",
                "synchronous=OFF",
                "synchronous=NORMAL",
                "secure_delete=ON",
                "secure_delete=OFF",
                "temp_store=2",
                "journal_size_limit=0"
            };
            exec(writer, "PRAGMA " + settings[random.nextInt(settings.length)]);
        } else if (choice < 80) {
            if (blobs && holder != 1) {
                workload.blobWrite();
            }
        } else if (choice < 83) {
            killWriter(writer);
        } else if (choice < 86) {
            burst();
        } else if (choice < 88) {
            if (holder >= 0) {
                releaseHolder();
            } else if (!journal && exec(writer, "PRAGMA journal_mode=WAL")) {
                // Where readers keep nobody waiting.
                holder = writer;
                exec(writer, "BEGIN");
                exec(writer, "SELECT count(*) FROM sqlite_schema");
            }
        } else if (choice < 91) {
            if (tail != null) {
                killTail();
            }
        } else if (choice < 93) {
            stopTail();
        } else if (choice < 97) {
            if (tail != null) {
                killTail();
            }
            whileDown();
        } else if (tail != null && !dying) {
            count("wait");
            awaitCaughtUp();
        }
    }

    /** A copy of the database, with a change, is written over the database by SQLite's backup API: to its users, and to us, one transaction. */
    private void restore() throws IOException {
        if (!(writers[2] instanceof Writer.Shell) || holder >= 0) {
            return;
        }
        count("restore");
        if (!changedCopy()) {
            return;
        }
        exec(2, ".restore " + dir.resolve("copy.db"));
        committed("a restored copy");
    }

    /** {@return whether there is one: not if a table has a collation that this writer does not know} */
    private boolean changedCopy() throws IOException {
        Path copy = dir.resolve("copy.db");
        Files.deleteIfExists(copy);
        return exec(0, "VACUUM INTO '" + copy + "'")
                && exec(0, "ATTACH '" + copy + "' AS copy")
                && exec(0, "CREATE TABLE IF NOT EXISTS copy.copied(id INTEGER PRIMARY KEY, n)")
                && exec(0, "INSERT INTO copy.copied(n) VALUES(" + random.nextInt(100) + ")")
                && exec(0, "DETACH copy");
    }

    /** Its users are gone, and somebody puts another file in its place, under the eyes of the connector or not. */
    private void replaceDatabase() throws IOException {
        if (journal) {
            return;
        }
        count("replaced");
        releaseHolder();
        if (!changedCopy()) {
            return;
        }
        closeAll();
        note("the database is replaced");
        Files.deleteIfExists(database.resolveSibling("app.db-wal"));
        Files.deleteIfExists(database.resolveSibling("app.db-shm"));
        Files.move(dir.resolve("copy.db"), database, StandardCopyOption.REPLACE_EXISTING);
        committed("another file");
    }

    private int freeWriter() {
        int writer = random.nextInt(writers.length);
        return writer == holder ? (writer + 1) % writers.length : writer;
    }

    private void releaseHolder() {
        if (holder >= 0) {
            int writer = holder;
            holder = -1;
            exec(writer, "COMMIT");
        }
    }

    private void killWriter(int writer) {
        count("writer killed");
        if (random.nextInt(3) > 0) {
            workload.unfinished(writer);
        } else {
            List<String> statements = workload.rowsOnly(writer);
            note(writers[writer].name() + " is killed in: " + statements);
            for (int i = 0; i < statements.size() - 1; i++) {
                writers[writer].exec(statements.get(i));
            }
            writers[writer].send(statements.get(statements.size() - 1));
        }
        note("kill " + writers[writer].name());
        writers[writer].kill();
        inTransaction[writer] = false;
        if (writer == 0) {
            // It reads for us, too.
            jdbc.open();
        }
        committed("a writer's death");
    }

    private void burst() throws InterruptedException {
        count("burst");
        int one = freeWriter();
        int other = (one + 1) % writers.length;
        if (other == holder) {
            other = (other + 1) % writers.length;
        }
        if (one == other || one == holder) {
            return;
        }
        int length = 3 + random.nextInt(12);
        List<String> first = workload.burst(one, length);
        List<String> second = workload.burst(other, length);
        states.beginFree();
        note("burst of " + writers[one].name() + ": " + first + "\n  and of " + writers[other].name() + ": " + second);
        var errors = new ArrayList<String>();
        Writer beside = writers[other];
        var thread = new Thread(() -> second.forEach(sql -> errors.add(beside.exec(sql))), "burst");
        thread.start();
        for (String sql : first) {
            sound(sql, writers[one].exec(sql));
        }
        thread.join();
        for (int i = 0; i < errors.size(); i++) {
            sound(second.get(i), errors.get(i));
        }
        committed("a burst");
    }

    /** What can only be done, or only harms, while the connector is down. */
    private void whileDown() throws IOException {
        releaseHolder();
        int choice = random.nextInt(10);
        count("down " + choice);
        if (choice < 3) {
            note("close all");
            closeAll();
            if (random.nextBoolean()) {
                workload.transaction(freeWriter());
            }
        } else if (choice < 5 && !journal) {
            closeAll();
            String[] modes = {"DELETE", "TRUNCATE", "PERSIST", "MEMORY"};
            exec(0, "PRAGMA journal_mode=" + modes[random.nextInt(modes.length)]);
            committed("journal_mode");
            workload.transaction(0);
            jdbc.close();
        } else if (choice < 7) {
            closeAll();
            exec(0, "PRAGMA journal_mode=DELETE");
            exec(0, "PRAGMA page_size=" + PAGE_SIZES[random.nextInt(PAGE_SIZES.length)]);
            exec(0, "VACUUM");
            committed("page size");
            if (!journal && random.nextBoolean()) {
                exec(0, "PRAGMA journal_mode=WAL");
            }
            workload.transaction(0);
        } else if (choice == 7) {
            note("the state directory is lost");
            deleteAll(state);
            stateLost = true;
        } else if (choice == 8) {
            Path old = dir.resolve("offset.old");
            if (Files.exists(old) && tailRandom.nextBoolean()) {
                note("an old offset is restored");
                Files.copy(old, offset, StandardCopyOption.REPLACE_EXISTING);
                stateLost = true;
            } else if (Files.exists(offset)) {
                Files.copy(offset, old, StandardCopyOption.REPLACE_EXISTING);
            }
        } else {
            Path old = dir.resolve("state.old");
            if (Files.exists(old) && tailRandom.nextBoolean()) {
                note("an old state directory is restored");
                deleteAll(state);
                copyAll(old, state);
                stateLost = true;
            } else if (Files.exists(state)) {
                deleteAll(old);
                copyAll(state, old);
            }
        }
    }

    private void closeAll() {
        for (Writer writer : writers) {
            writer.close();
        }
        Arrays.fill(inTransaction, false);
    }

    // --- the writers

    @Override
    public boolean exec(int writer, String sql) {
        note(writers[writer].name() + ": " + sql);
        boolean done = sound(sql, writers[writer].exec(sql));
        if (done) {
            follow(writer, sql);
        } else if (sql.equals("COMMIT")) {
            inTransaction[writer] = true;
            exec(writer, "ROLLBACK");
            inTransaction[writer] = false;
        }
        if (!inTransaction[writer] && started) {
            committed(sql);
        }
        return done;
    }

    private boolean started;

    private void follow(int writer, String sql) {
        if (sql.startsWith("BEGIN")) {
            inTransaction[writer] = true;
        } else if (sql.equals("COMMIT") || sql.equals("ROLLBACK")) {
            inTransaction[writer] = false;
        } else if (sql.startsWith("SAVEPOINT") && !inTransaction[writer]) {
            inTransaction[writer] = true;
            outerSavepoint[writer] = "RELEASE" + sql.substring("SAVEPOINT".length());
        } else if (sql.equals(outerSavepoint[writer])) {
            inTransaction[writer] = false;
            outerSavepoint[writer] = null;
        }
    }

    /** An error may be what the statement deserves, but never damage. */
    private boolean sound(String sql, String error) {
        if (error == null) {
            return true;
        }
        note("  " + error);
        failedStatements++;
        String lower = error.toLowerCase(java.util.Locale.ROOT);
        if (lower.contains("malformed")
                || lower.contains("corrupt")
                || lower.contains("not a database")
                || lower.contains("disk i/o")) {
            throw new AssertionError("the database is damaged: " + error + " at " + sql);
        }
        return false;
    }

    @Override
    public void committed(String what) {
        started = true;
        Map<String, String> digests = jdbc.digests();
        states.add(digests, jdbc.progress(), "step " + step + ", " + what);
    }

    @Override
    public void blob(String table, String column, int nth, int at, String hex) {
        note("blob I/O: " + table + "." + column + " " + nth + " " + at + " " + hex);
        count("blob");
        sound("blob I/O", ((Writer.Python) writers[1]).blob(table, column, nth, at, hex));
    }

    // --- the tail

    private void startTail(boolean mayDie) throws InterruptedException, IOException {
        if (BLIND) {
            return;
        }
        starts++;
        tailOptions = TailOptions.PLAIN
                .withSeed(tailRandom.nextInt())
                .withSwitchToWal(!journal)
                .withBarrier(tailRandom.nextInt(4) > 0)
                .withLag(new int[] {0, 0, 2, 10, 40}[tailRandom.nextInt(5)]);
        int death = tailRandom.nextInt(10);
        int after = 1 + tailRandom.nextInt(tailRandom.nextBoolean() ? 30 : 600);
        boolean slow = tailRandom.nextInt(6) == 0;
        if (mayDie) {
            if (death < 4) {
                tailOptions = tailOptions.killedAfter(after);
            } else if (death < 6) {
                tailOptions = tailOptions.killedAfterMillis(200 + after * 4);
            }
            if (slow) {
                tailOptions = tailOptions.slowedBy(300);
            }
        }
        dying = tailOptions.killAfter() > 0 || tailOptions.killMillis() > 0;
        note("start the tail: " + tailOptions);
        tail = Tail.start(database, state, offset, log, tailRandom.nextBoolean() ? 64 : 160, tailOptions);
        replay.expectStart(stateLost);
        stateLost = false;
        tails++;
    }

    private void killTail() throws InterruptedException, IOException {
        count("tail killed");
        note("kill the tail");
        tail.kill();
        pumpToEnd();
    }

    /** In good order, unless it dies first, as it may be about to do. */
    private void stopTail() throws InterruptedException, IOException {
        if (tail == null) {
            return;
        }
        count("tail stopped");
        note("stop the tail");
        tail.askToStop();
        tail.expectProgress();
        while (tail != null && tail.alive()) {
            tail.requireProgress();
            pump(20);
        }
        pumpToEnd();
    }

    private void pumpToEnd() throws InterruptedException, IOException {
        while (tail != null && !tail.drained()) {
            pump(10);
        }
        if (tail != null) {
            pump(0);
        }
    }

    /** Takes what the tail has said. */
    private void pump(long millis) throws InterruptedException, IOException {
        if (tail == null) {
            return;
        }
        String line = tail.poll(millis);
        while (line != null) {
            events.write(line);
            events.newLine();
            replay.line(line);
            line = tail.poll(0);
        }
        if (tail.drained()) {
            int exit = tail.exit();
            note("the tail has ended with " + exit);
            longestSilence = Math.max(longestSilence, tail.longestSilenceSeconds());
            boolean killed = exit == 137 || (exit == 9 && dying);
            if (exit != 0 && !killed) {
                throw new AssertionError("the tail ended with " + exit + ":\n" + tail.log());
            }
            if (killed) {
                count("tail died");
            }
            tail = null;
        }
    }

    private void awaitCaughtUp() throws InterruptedException, IOException {
        tail.expectProgress();
        while (!replay.caughtUp()) {
            if (tail == null) {
                throw new AssertionError("the tail has ended");
            }
            pump(50);
            if (tail != null && !replay.caughtUp()) {
                tail.requireProgress();
            }
        }
    }

    private void finish() throws InterruptedException, IOException {
        stopTail();
        closeAll();
        String check = IntegrityCheck.of(database);
        if (!check.equals("ok")) {
            throw new AssertionError("integrity_check: " + check);
        }
        if (!BLIND) {
            requireEqualShadow();
        }
    }

    /** Everything is acknowledged, and everybody is gone: our copy is the database, byte for byte. */
    private void requireEqualShadow() throws IOException {
        Path shadow = state.resolve("shadow.db");
        long mismatch = Files.mismatch(database, shadow);
        if (mismatch >= 0) {
            throw new AssertionError("our copy is not the database: it differs at byte " + mismatch + " of "
                    + Files.size(database) + "; it has " + Files.size(shadow));
        }
    }

    // --- the protocol

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    private void note(String text) {
        String line = step + " " + text;
        recent.add(line.length() > 400 ? line.substring(0, 400) + "…" : line);
        if (recent.size() > 60) {
            recent.remove();
        }
        try {
            protocol.write(line);
            protocol.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String explain(Throwable e) {
        return e.getMessage() + "\nseed " + seed + ", step " + step + ", " + states
                + ", where the newest differs from the events: "
                + replay.behind() + "\nreplay: "
                + FuzzTest.replayCommand(seed, ops) + "\ndirectory: " + dir + "\nlast operations:\n  "
                + String.join("\n  ", recent) + "\ntail log:\n" + logEnd();
    }

    private String logEnd() {
        try {
            if (!Files.exists(log)) {
                return "none";
            }
            List<String> all = Files.readAllLines(log);
            return String.join("\n", all.subList(Math.max(0, all.size() - 40), all.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    static void deleteAll(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        var all = new ArrayList<Path>();
        try (Stream<Path> files = Files.walk(path)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }

    static void copyAll(Path from, Path to) throws IOException {
        var all = new ArrayList<Path>();
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(all::add);
        }
        for (Path file : all) {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }
}
