package dev.rowtide.cdc.postgres;

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
import org.jspecify.annotations.Nullable;

/**
 * Several connections that write to the table {@code item} what finds errors in cutting a log: short and long transactions that overlap, savepoints that are kept and rolled back, transactions that roll back,
 * prepared ones, and commits that stay invisible for a while because a standby is waited for.
 */
final class ConcurrentTransactions {
    private static final int WRITERS = 6;
    private static final int MAX_HELD_MILLIS = 300;
    /** The classes of SQLSTATE that a writer among others has to expect: deadlocks, and commits that were cancelled. */
    private static final List<String> EXPECTED = List.of("40P01", "40001", "57014", "23505");

    private final PostgresAddress address;
    private final Random random;
    private final boolean waitForStandby;
    private final AtomicInteger keys = new AtomicInteger();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final List<Exception> failures = new CopyOnWriteArrayList<>();

    /** @param waitForStandby whether the server is told now and then that there is a synchronous standby, which there is not */
    ConcurrentTransactions(PostgresAddress address, long seed, boolean waitForStandby) throws SQLException {
        this.address = address;
        this.waitForStandby = waitForStandby;
        random = new Random(seed);
        execute("CREATE TABLE item (id int PRIMARY KEY, body text, touched int)");
    }

    void start() {
        for (int i = 0; i < WRITERS; i++) {
            Random own = new Random(random.nextLong());
            boolean synchronous = i < 2;
            String name = "writer-" + i;
            add(name, () -> write(own, name, synchronous));
        }
        if (waitForStandby) {
            Random own = new Random(random.nextLong());
            add("standby", () -> holdCommits(own));
        }
    }

    private void add(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        threads.add(thread);
    }

    /** Returns when the last transaction is over; a writer that failed fails here. */
    void stop() throws InterruptedException {
        stop.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("a writer failed", failures.get(0));
        }
    }

    boolean stopped(long millis) throws InterruptedException {
        return stop.await(millis, TimeUnit.MILLISECONDS);
    }

    /** One row more, after which nothing comes; its key. */
    int writeLast() throws SQLException {
        int last = keys.incrementAndGet();
        execute("INSERT INTO item VALUES (" + last + ", 'last', 0)");
        return last;
    }

    /** What the table holds, each row as {@link dev.rowtide.feed.Row} writes it. */
    Map<String, String> table() throws SQLException {
        Map<String, String> table = new TreeMap<>();
        try (Connection connection = address.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT id, to_jsonb(body)::text, to_jsonb(touched)::text FROM item")) {
            while (row.next()) {
                table.put(
                        row.getString(1),
                        "{id: " + row.getString(1) + ", body: " + row.getString(2) + ", touched: " + row.getString(3)
                                + "}");
            }
        }
        return table;
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = address.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void write(Random own, String name, boolean synchronous) {
        try (Connection connection = address.connect();
                Statement statement = connection.createStatement()) {
            // The default is 'local', so that the engine's own heartbeat never waits for the standby.
            statement.execute("SET synchronous_commit = " + (synchronous ? "on" : own.nextBoolean() ? "local" : "off"));
            int number = 0;
            while (!stop.await(own.nextInt(8), TimeUnit.MILLISECONDS)) {
                try {
                    transaction(statement, own, name + '-' + number++);
                } catch (SQLException e) {
                    if (!EXPECTED.contains(String.valueOf(e.getSQLState()))) {
                        throw e;
                    }
                    statement.execute("ROLLBACK");
                }
            }
        } catch (SQLException | RuntimeException e) {
            failures.add(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void transaction(Statement statement, Random own, String name) throws SQLException, InterruptedException {
        if (own.nextInt(3) == 0) {
            statement.execute(insert(own));
            return;
        }
        statement.execute("BEGIN");
        int steps = 1 + own.nextInt(6);
        for (int i = 0; i < steps; i++) {
            switch (own.nextInt(5)) {
                case 0 -> statement.execute(insert(own));
                case 1 -> statement.execute(update(own));
                case 2 -> statement.execute(delete(own));
                case 3 ->
                    statement.execute("SAVEPOINT s; " + insert(own) + "; " + update(own) + "; RELEASE SAVEPOINT s");
                default ->
                    statement.execute("SAVEPOINT s; " + insert(own) + "; " + delete(own) + "; ROLLBACK TO SAVEPOINT s");
            }
            if (own.nextInt(12) == 0) {
                // Held open over snapshots, with a transaction ID and changes.
                stop.await(own.nextInt(MAX_HELD_MILLIS), TimeUnit.MILLISECONDS);
            }
        }
        switch (own.nextInt(10)) {
            case 0 -> statement.execute("ROLLBACK");
            case 1, 2 -> {
                statement.execute("PREPARE TRANSACTION '" + name + "'");
                stop.await(own.nextInt(50), TimeUnit.MILLISECONDS);
                statement.execute((own.nextInt(4) == 0 ? "ROLLBACK" : "COMMIT") + " PREPARED '" + name + "'");
            }
            default -> statement.execute("COMMIT");
        }
    }

    private String insert(Random own) {
        int n = 1 + own.nextInt(5);
        int first = keys.getAndAdd(n) + 1;
        return "INSERT INTO item SELECT i, 'made " + own.nextInt() + "', 0 FROM generate_series(" + first + ", "
                + (first + n - 1) + ") i";
    }

    private static String update(Random own) {
        return "UPDATE item SET body = 'changed " + own.nextInt() + "', touched = touched + 1 WHERE id IN (" + some(own)
                + ")";
    }

    private static String delete(Random own) {
        return "DELETE FROM item WHERE id IN (" + some(own) + ")";
    }

    private static String some(Random own) {
        return "SELECT id FROM item WHERE id % 13 = " + own.nextInt(13)
                + " ORDER BY id DESC LIMIT 3 FOR UPDATE SKIP LOCKED";
    }

    /** While it is set, commits of the synchronous writers are in the log, are streamed, and are not visible. */
    private void holdCommits(Random own) {
        try {
            while (!stop.await(own.nextInt(100), TimeUnit.MILLISECONDS)) {
                standby("absent");
                stop.await(20 + own.nextInt(100), TimeUnit.MILLISECONDS);
                standby(null);
            }
        } catch (SQLException e) {
            failures.add(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param name of a synchronous standby that commits wait for; null for none */
    void standby(@Nullable String name) throws SQLException {
        execute("ALTER SYSTEM SET synchronous_standby_names = '" + (name == null ? "" : name) + "'");
        execute("SELECT pg_reload_conf()");
    }
}
