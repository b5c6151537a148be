package dev.rowtide.cdc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several connections that write to the table {@code item} what finds errors in comparing pages: transactions of many sizes, updates and deletes all over the table, rolled-back savepoints, rows with
 * overflow pages, checkpoints, a VACUUM now and then, and transactions on the table {@code unwatched}.
 */
public final class SqliteWrites implements Replica.Writes {
    private static final int WRITERS = 3;
    private static final String VACUUM = "VACUUM";

    private final TestFile database;
    private final Random random;
    private final AtomicInteger keys = new AtomicInteger();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Thread> writers = new ArrayList<>();
    private final List<Exception> failures = new CopyOnWriteArrayList<>();

    public SqliteWrites(TestFile database, long seed) {
        this.database = database;
        random = new Random(seed);
        database.execute(
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)",
                "CREATE INDEX item_body ON item (body)",
                "CREATE TABLE unwatched (id INT, body TEXT)");
    }

    public void start() {
        for (int i = 0; i < WRITERS; i++) {
            Random own = new Random(random.nextLong());
            Thread writer = new Thread(() -> write(own), "writer-" + i);
            writer.start();
            writers.add(writer);
        }
    }

    /** Fails if a writer did. */
    public void requireRunning() {
        if (!failures.isEmpty()) {
            throw new AssertionError("a writer failed", failures.get(0));
        }
    }

    /** Returns when the last transaction is over; a writer that failed fails here. */
    public void stop() throws InterruptedException {
        stop.countDown();
        for (Thread writer : writers) {
            writer.join();
        }
        requireRunning();
    }

    @Override
    public int writeLast() {
        int last = keys.incrementAndGet();
        database.execute("INSERT INTO item VALUES (" + last + ", 'last')");
        return last;
    }

    @Override
    public Map<Integer, String> table() throws SQLException {
        Map<Integer, String> table = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, body FROM item")) {
            while (row.next()) {
                table.put(row.getInt(1), row.getString(2));
            }
        }
        return table;
    }

    private void write(Random own) {
        String sql = "";
        long begun = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = NORMAL");
            while (!stop.await(own.nextInt(30), TimeUnit.MILLISECONDS)) {
                sql = transaction(own);
                begun = System.nanoTime();
                if (sql.equals(VACUUM)) {
                    database.execute(
                            sql); // which this connection would refuse: the driver keeps a query for generated keys
                    // open
                } else {
                    statement.executeUpdate(sql);
                }
            }
        } catch (SQLException | RuntimeException e) {
            failures.add(new IllegalStateException(
                    "after " + (System.nanoTime() - begun) / 1_000_000 + " ms: "
                            + sql.substring(0, Math.min(200, sql.length())),
                    e));
        } catch (InterruptedException e) {
            // asked to stop
        }
    }

    private String transaction(Random own) {
        int n = 1 + own.nextInt(100);
        int first = keys.getAndAdd(n) + 1;
        String numbers = "WITH RECURSIVE n(i) AS (VALUES (" + first + ") UNION ALL SELECT i + 1 FROM n WHERE i < "
                + (first + n - 1) + ") ";
        return switch (own.nextInt(9)) {
            case 0, 1 -> numbers + "INSERT INTO item SELECT i, 'many " + own.nextInt() + "' FROM n";
            case 2 -> "INSERT INTO item VALUES (" + first + ", 'one')";
            case 3 ->
                "BEGIN IMMEDIATE; INSERT INTO item VALUES (" + first + ", 'kept'); SAVEPOINT s; UPDATE item SET body ="
                        + " 'undone' WHERE id > " + (first - 50)
                        + "; ROLLBACK TO s; UPDATE item SET body = 'after' WHERE id = "
                        + first + "; COMMIT";
            case 4 -> numbers + "INSERT INTO unwatched SELECT i, 'nobody looks' FROM n";
            case 5 -> "INSERT OR REPLACE INTO item VALUES (" + first + ", '" + "long ".repeat(own.nextInt(3000)) + "')";
            case 6 -> "DELETE FROM item WHERE id % 11 = " + own.nextInt(11) + " AND id > " + (first - 400);
            case 7 ->
                own.nextInt(10) == 0
                        ? VACUUM
                        : "PRAGMA wal_checkpoint(" + (own.nextBoolean() ? "PASSIVE" : "TRUNCATE") + ")";
            default ->
                "UPDATE item SET body = 'changed " + own.nextInt() + "' WHERE id % 7 = " + own.nextInt(7) + " AND id > "
                        + (first - 300);
        };
    }
}
