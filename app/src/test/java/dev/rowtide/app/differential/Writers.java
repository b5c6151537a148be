package dev.rowtide.app.differential;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Several connections that write at random: inserts, updates that move rows in and out of sight, deletes, reused keys, transactions of one and of many, rollbacks. */
final class Writers {
    static final int ITEMS = 120;
    static final int NOTES = 40;
    private static final int THREADS = 3;
    private static final int PAUSE_MILLIS = 60;

    private final Store store;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger commits = new AtomicInteger();
    private volatile boolean stopped;
    private volatile @Nullable String failure;

    Writers(Store store, long seed) {
        this.store = store;
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed + i);
            threads.add(new Thread(() -> run(random), "writer-" + i));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** How many transactions have been committed. */
    int commits() {
        if (failure != null) {
            throw new AssertionError(failure);
        }
        return commits.get();
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        commits();
    }

    private void run(Random random) {
        while (!stopped) {
            try (Connection connection = store.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stopped) {
                    try {
                        int statements = random.nextInt(8) == 0 ? 25 : 1 + random.nextInt(3);
                        for (int i = 0; i < statements; i++) {
                            statement.executeUpdate(change(random));
                        }
                        if (random.nextInt(6) == 0) {
                            connection.rollback();
                        } else {
                            connection.commit();
                            commits.incrementAndGet();
                        }
                    } catch (SQLException e) {
                        if (isFault(e)) {
                            failure = "a writer failed: " + e;
                            return;
                        }
                        // A deadlock, or a lock that another one has.
                        connection.rollback();
                    }
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(PAUSE_MILLIS));
                }
            } catch (SQLException e) {
                // The database is being restarted.
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** 42…: PostgreSQL was asked for something that cannot be; 1: so was SQLite. */
    private static boolean isFault(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith("42") || e.getErrorCode() == 1;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String change(Random random) {
        if (random.nextInt(5) == 0) {
            String id = "n" + random.nextInt(NOTES);
            return switch (random.nextInt(40)) {
                case 0 -> store.emptyNotes();
                case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 -> "DELETE FROM note WHERE id = '" + id + '\'';
                default ->
                    "INSERT INTO note (id, item, body) VALUES ('" + id + "', " + random.nextInt(ITEMS) + ", 'b"
                            + random.nextInt(1000)
                            + "') ON CONFLICT (id) DO UPDATE SET item = excluded.item, body = excluded.body";
            };
        }
        int id = random.nextInt(ITEMS);
        String owner = random.nextInt(6) == 0 ? "NULL" : Condition.sql(Condition.pick(random, Condition.OWNERS));
        String status = random.nextInt(8) == 0 ? "NULL" : Condition.sql(Condition.pick(random, Condition.STATES));
        String priority = random.nextInt(6) == 0 ? "NULL" : String.valueOf(random.nextInt(10));
        String title = Condition.sql("it's \"t\" \\ " + random.nextInt(1000));
        return switch (random.nextInt(10)) {
            case 0, 1 -> "DELETE FROM item WHERE id = " + id;
            case 2 -> "UPDATE item SET owner = " + owner + " WHERE id = " + id;
            case 3 -> "UPDATE item SET status = " + status + ", secret = 's' WHERE id = " + id;
            case 4 -> "UPDATE item SET priority = " + priority + " WHERE id BETWEEN " + id + " AND " + (id + 5);
            case 5 -> "UPDATE item SET title = " + title + " WHERE id = " + id;
            default ->
                "INSERT INTO item (id, owner, status, priority, title, secret) VALUES (" + id + ", " + owner + ", "
                        + status
                        + ", " + priority + ", " + title
                        + ", 'hidden') ON CONFLICT (id) DO UPDATE SET owner = excluded.owner,"
                        + " status = excluded.status, priority = excluded.priority, title = excluded.title";
        };
    }
}
