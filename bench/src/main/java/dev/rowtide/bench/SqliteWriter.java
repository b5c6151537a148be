package dev.rowtide.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The user's program: a process that writes into an SQLite database through sqlite-jdbc, with one connection, prepared statements, WAL and synchronous=NORMAL, and measures itself. It knows nothing of who reads.
 *
 * <p>Commands: {@code open FILE ROWS TRIGGERS}, {@code run LOAD SECONDS BUSY_TIMEOUT_MILLIS [DUE COMMITTED]}, {@code write LOAD TRANSACTIONS}, {@code close}.
 */
final class SqliteWriter {
    /** How long a commit that met SQLITE_BUSY waits before it is tried again, where the busy timeout is 0. */
    private static final long RETRY_NANOS = 100_000;

    private static final long WAL_SAMPLE_MILLIS = 20;
    private static final int MOST_COMMITS = 4_000_000;
    private static final long SEED = 20_261_125;

    private static final String TABLE =
            "CREATE TABLE event (id INTEGER PRIMARY KEY, customer INTEGER, status TEXT, amount REAL, note TEXT)";
    private static final String FILL =
            "INSERT INTO event SELECT value, value % 1000, 'shipped', (value % 100000) / 100.0,"
                    + " 'note note note note note note note note note note note note ' || value FROM"
                    + " (WITH RECURSIVE n(value) AS (SELECT ?1 UNION ALL SELECT value + 1 FROM n WHERE value < ?2) SELECT value FROM n)";

    /** The least that a log by triggers can be and still hold both images: no JSON is made. */
    private static final List<String> TRIGGERS = List.of(
            "CREATE TABLE event_log (seq INTEGER PRIMARY KEY, op TEXT, old_id, old_customer, old_status, old_amount, old_note,"
                    + " new_id, new_customer, new_status, new_amount, new_note)",
            "CREATE TRIGGER event_created AFTER INSERT ON event BEGIN INSERT INTO event_log(op, new_id, new_customer, new_status,"
                    + " new_amount, new_note) VALUES ('c', NEW.id, NEW.customer, NEW.status, NEW.amount, NEW.note); END",
            "CREATE TRIGGER event_updated AFTER UPDATE ON event BEGIN INSERT INTO event_log(op, old_id, old_customer, old_status,"
                    + " old_amount, old_note, new_id, new_customer, new_status, new_amount, new_note) VALUES ('u', OLD.id, OLD.customer,"
                    + " OLD.status, OLD.amount, OLD.note, NEW.id, NEW.customer, NEW.status, NEW.amount, NEW.note); END",
            "CREATE TRIGGER event_deleted AFTER DELETE ON event BEGIN INSERT INTO event_log(op, old_id, old_customer, old_status,"
                    + " old_amount, old_note) VALUES ('d', OLD.id, OLD.customer, OLD.status, OLD.amount, OLD.note); END");

    private final Random random = new Random(SEED);
    private @Nullable Session session;

    private SqliteWriter() {}

    public static void main(String[] arguments) throws IOException {
        Commands.serve(new SqliteWriter()::handle);
    }

    /** What it writes with. */
    static String version() {
        return "SQLite " + org.sqlite.SQLiteJDBCLoader.getVersion() + " (sqlite-jdbc)";
    }

    private Figures handle(String[] words) throws Exception {
        switch (words[0]) {
            case "open" -> {
                session = new Session(Path.of(words[1]));
                return session.fill(Long.parseLong(words[2]), Boolean.parseBoolean(words[3]));
            }
            case "run" -> {
                boolean timed = words.length > 4;
                return open().run(
                                SqliteLoad.valueOf(words[1]),
                                Integer.parseInt(words[2]),
                                Integer.parseInt(words[3]),
                                timed ? new Instants(Path.of(words[4])) : null,
                                timed ? new Instants(Path.of(words[5])) : null);
            }
            case "write" -> {
                return open().write(SqliteLoad.valueOf(words[1]), Integer.parseInt(words[2]));
            }
            case "close" -> {
                open().close();
                session = null;
                return Figures.NONE;
            }
            default -> throw new IllegalArgumentException("unknown: " + words[0]);
        }
    }

    private Session open() {
        Session open = session;
        if (open == null) {
            throw new IllegalStateException("open comes first");
        }
        return open;
    }

    /** One connection to one database. */
    private final class Session implements AutoCloseable {
        private final Path wal;
        private final Connection connection;
        private final PreparedStatement begin;
        private final PreparedStatement commit;
        private @Nullable PreparedStatement insert;
        private @Nullable PreparedStatement update;
        private long rows;
        /** Since when this transaction has met nothing but SQLITE_BUSY; 0 if it has not. */
        private long busySince;

        private final List<Double> blockedMillis = new ArrayList<>();

        Session(Path file) throws SQLException {
            wal = file.resolveSibling(file.getFileName() + "-wal");
            SQLiteConfig config = new SQLiteConfig();
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
            config.setBusyTimeout(10_000);
            connection = config.createConnection("jdbc:sqlite:" + file);
            begin = connection.prepareStatement("BEGIN IMMEDIATE");
            commit = connection.prepareStatement("COMMIT");
        }

        Figures fill(long upTo, boolean triggers) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                try (ResultSet known = statement.executeQuery("SELECT 1 FROM sqlite_schema WHERE name = 'event'")) {
                    if (known.next()) {
                        throw new IllegalStateException("the database exists");
                    }
                }
                statement.execute(TABLE);
                statement.execute("CREATE INDEX event_customer ON event (customer)");
                try (PreparedStatement fill = connection.prepareStatement(FILL)) {
                    // In pieces, so that neither log nor memory hold all of it.
                    for (long from = 1; from <= upTo; from += 100_000) {
                        fill.setLong(1, from);
                        fill.setLong(2, Math.min(upTo, from + 99_999));
                        fill.executeUpdate();
                    }
                }
                rows = upTo;
                if (triggers) {
                    for (String sql : TRIGGERS) {
                        statement.execute(sql);
                    }
                }
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
            insert = connection.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
            update = connection.prepareStatement("UPDATE event SET amount = ?, note = ? WHERE id = ?");
            return Figures.of("rows", rows);
        }

        Figures run(
                SqliteLoad load,
                int seconds,
                int busyTimeoutMillis,
                @Nullable Instants due,
                @Nullable Instants committed)
                throws Exception {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout=" + busyTimeoutMillis);
            }
            blockedMillis.clear();
            long firstId = rows + 1;
            long[] took = new long[MOST_COMMITS];
            int commits = 0;
            try (LargestFile largest = new LargestFile(wal)) {
                long start = System.nanoTime();
                long end = start + TimeUnit.SECONDS.toNanos(seconds);
                long next = start;
                while (commits < MOST_COMMITS) {
                    if (load.rate() > 0) {
                        long wait;
                        while ((wait = next - System.nanoTime()) > 0) {
                            LockSupport.parkNanos(wait);
                        }
                    }
                    long id = rows + 1;
                    long before = System.nanoTime();
                    transaction(load);
                    long after = System.nanoTime();
                    took[commits++] = after - before;
                    if (due != null && committed != null) {
                        due.set(id, next);
                        committed.set(id, after);
                    }
                    if (load.rate() > 0) {
                        next += (long) (-Math.log(1 - random.nextDouble()) * TimeUnit.SECONDS.toNanos(1) / load.rate());
                    }
                    if (load.once() || Math.max(next, after) >= end) {
                        break;
                    }
                }
                double elapsed = (System.nanoTime() - start) / 1e9;
                double[] micros = new double[commits];
                for (int i = 0; i < commits; i++) {
                    micros[i] = took[i] / 1e3;
                }
                Samples samples = new Samples(micros);
                Samples blocked = new Samples(blockedMillis);
                return Figures.of("seconds", elapsed)
                        .with("startedAt", start)
                        .with("commits", commits)
                        .with("rows", (double) commits * load.rowsEach())
                        .with("firstId", firstId)
                        .with("p50", samples.percentile(50))
                        .with("p99", samples.percentile(99))
                        .with("max", samples.largest())
                        .with("busy", blocked.count())
                        .with("blockedP50", blocked.median())
                        .with("blockedMax", blocked.largest())
                        .with("walMegabytes", largest.megabytes());
            }
        }

        Figures write(SqliteLoad load, int transactions) throws SQLException {
            for (int i = 0; i < transactions; i++) {
                transaction(load);
            }
            return Figures.of("rows", (double) transactions * load.rowsEach());
        }

        private void transaction(SqliteLoad load) throws SQLException {
            busySince = 0;
            if (load.rowsEach() == 1) {
                PreparedStatement row = row(load);
                while (!tried(row)) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            } else {
                while (!tried(begin)) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
                for (int i = 0; i < load.rowsEach(); i++) {
                    row(load).executeUpdate();
                }
                commit.executeUpdate();
            }
            if (busySince != 0) {
                blockedMillis.add((System.nanoTime() - busySince) / 1e6);
            }
        }

        private boolean tried(PreparedStatement statement) throws SQLException {
            try {
                statement.executeUpdate();
                return true;
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xff) != SQLiteErrorCode.SQLITE_BUSY.code) {
                    throw e;
                }
                if (busySince == 0) {
                    busySince = System.nanoTime();
                }
                return false;
            }
        }

        private PreparedStatement row(SqliteLoad load) throws SQLException {
            if (load.updates()) {
                PreparedStatement statement = prepared(update);
                long id = 1 + (long) (random.nextDouble() * rows);
                statement.setDouble(1, random.nextInt(10_000_000) / 100.0);
                statement.setString(
                        2, "note note note note note note note note note note note note " + random.nextInt());
                statement.setLong(3, id);
                return statement;
            }
            PreparedStatement statement = prepared(insert);
            long id = ++rows;
            statement.setLong(1, id);
            statement.setLong(2, id % 1000);
            statement.setString(3, "shipped");
            statement.setDouble(4, id % 100_000 / 100.0);
            statement.setString(5, "note note note note note note note note note note note note " + id);
            return statement;
        }

        private static PreparedStatement prepared(@Nullable PreparedStatement statement) {
            if (statement == null) {
                throw new IllegalStateException("not filled");
            }
            return statement;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    /** How large a file becomes, looked at every {@value #WAL_SAMPLE_MILLIS} ms. Its size is asked for, nothing is opened: that would cost the process its locks. */
    private static final class LargestFile implements AutoCloseable {
        private final Path file;
        private final Thread thread = new Thread(this::watch, "largest-file");
        private volatile long largest;
        private volatile boolean closed;

        LargestFile(Path file) {
            this.file = file;
            thread.setDaemon(true);
            thread.start();
        }

        private void watch() {
            while (!closed) {
                look();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(WAL_SAMPLE_MILLIS));
            }
        }

        private synchronized void look() {
            try {
                largest = Math.max(largest, Files.size(file));
            } catch (IOException e) {
                // There is no log yet.
            }
        }

        double megabytes() {
            look();
            return largest / 1e6;
        }

        @Override
        public void close() throws InterruptedException {
            closed = true;
            LockSupport.unpark(thread);
            thread.join();
        }
    }
}
