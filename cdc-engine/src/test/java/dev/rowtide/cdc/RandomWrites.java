package dev.rowtide.cdc;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.PGConnection;

/**
 * Several connections that write to the table {@code item} what finds errors in reading a log: COPY of many sizes, multi-row inserts, single rows, updates and deletes,
 * rolled-back savepoints, and transactions on the table {@code unwatched}. They survive the server's death and go on.
 */
public final class RandomWrites implements Replica.Writes {
    private static final int WRITERS = 4;

    private final KillablePostgres server;
    private final Random random;
    private final AtomicInteger keys = new AtomicInteger();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Thread> writers = new ArrayList<>();

    public RandomWrites(KillablePostgres server, long seed) throws SQLException {
        this.server = server;
        random = new Random(seed);
        execute("CREATE TABLE item (id int PRIMARY KEY, body text)");
        execute("CREATE TABLE unwatched (id int, body text)");
    }

    public void start() {
        for (int i = 0; i < WRITERS; i++) {
            Random own = new Random(random.nextLong());
            Thread writer = new Thread(() -> write(own), "writer-" + i);
            writer.start();
            writers.add(writer);
        }
    }

    /** Returns when the last transaction is over. */
    public void stop() throws InterruptedException {
        stop.countDown();
        for (Thread writer : writers) {
            writer.join();
        }
    }

    @Override
    public int writeLast() throws SQLException {
        int last = keys.incrementAndGet();
        execute("INSERT INTO item VALUES (" + last + ", 'last')");
        return last;
    }

    @Override
    public Map<Integer, String> table() throws SQLException {
        Map<Integer, String> table = new TreeMap<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, body FROM item")) {
            while (row.next()) {
                table.put(row.getInt(1), row.getString(2));
            }
        }
        return table;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void write(Random own) {
        while (stop.getCount() > 0) {
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                while (!stop.await(own.nextInt(20), TimeUnit.MILLISECONDS)) {
                    transaction(connection, statement, own);
                }
            } catch (SQLException | IOException e) {
                // The server was killed. What it committed is what the table holds at the end.
                awaitServer();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void awaitServer() {
        try {
            stop.await(50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void transaction(Connection connection, Statement statement, Random own) throws SQLException, IOException {
        int n = 1 + own.nextInt(200);
        int first = keys.getAndAdd(n) + 1;
        switch (own.nextInt(7)) {
            case 0, 1 -> {
                StringBuilder rows = new StringBuilder();
                for (int i = 0; i < n; i++) {
                    rows.append(first + i)
                            .append("\tcopied ")
                            .append(own.nextInt())
                            .append('\n');
                }
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY item FROM STDIN", new StringReader(rows.toString()));
            }
            case 2 ->
                statement.execute("INSERT INTO item SELECT i, 'many' FROM generate_series(" + first + ", "
                        + (first + n - 1) + ") i");
            case 3 -> statement.execute("INSERT INTO item VALUES (" + first + ", 'one')");
            case 4 ->
                statement.execute("BEGIN; INSERT INTO item VALUES (" + first + ", 'kept'); SAVEPOINT s;"
                        + " UPDATE item SET body = 'undone' WHERE id > " + (first - 50) + "; ROLLBACK TO s;"
                        + " UPDATE item SET body = 'after' WHERE id = " + first + "; COMMIT");
            case 5 ->
                statement.execute("INSERT INTO unwatched SELECT i, repeat('x', 100) FROM generate_series(1, 300) i");
            default ->
                statement.execute("WITH old AS (SELECT id FROM item WHERE id % 7 = " + own.nextInt(7)
                        + " AND id > " + (first - 300) + " LIMIT 20 FOR UPDATE SKIP LOCKED),"
                        + " gone AS (DELETE FROM item WHERE id IN (SELECT id FROM old WHERE id % 2 = 0))"
                        + " UPDATE item SET body = 'changed " + own.nextInt()
                        + "' WHERE id IN (SELECT id FROM old WHERE id % 2 = 1)");
        }
    }
}
