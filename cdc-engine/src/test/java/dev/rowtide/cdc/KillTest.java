package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.feed.Position;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/**
 * kill -9 of the bridge and of PostgreSQL at random moments, under COPY of many sizes, multi-row inserts, concurrent small transactions, transactions on a table that
 * nobody watches, and rolled-back savepoints. Without COPY such a test passes while rows are lost: the rows that one COPY puts on a page share one LSN.
 *
 * <p>At the end the state rebuilt from the events equals the table, and everything that came twice had its old position and content.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("rowtide.kills", 12);
    private static final int WRITERS = 4;

    @TempDir
    Path folder;

    private final Random random = new Random(Long.getLong("rowtide.seed", 1));
    private final AtomicInteger keys = new AtomicInteger();
    private final CountDownLatch stopWriting = new CountDownLatch(1);
    private final Replica replica = new Replica();
    private EmbeddedPostgres server;
    private int port;
    private Process bridge;

    @BeforeEach
    void startServer() throws IOException, SQLException {
        server = postgres(0);
        port = server.getPort();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE item (id int PRIMARY KEY, body text)");
            statement.execute("CREATE TABLE unwatched (id int, body text)");
        }
    }

    @AfterEach
    void end() throws Exception {
        stopWriting.countDown();
        if (bridge != null) {
            bridge.destroyForcibly().waitFor();
        }
        server.close();
    }

    @Test
    void killedBridge() throws Exception {
        List<Thread> writers = startWriting();
        killBridge();
        for (int kill = 0; kill < KILLS; kill++) {
            int seen = replica.changes();
            startBridge();
            // At a random moment after it delivered something, so that it is often inside a transaction.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> replica.changes() > seen);
            pause(random.nextInt(700));
            killBridge();
        }
        stopWriters(writers);
        startBridge();
        requireConvergence();
        assertThat(replica.redelivered())
                .as("a kill that made nothing come twice proves little")
                .isPositive();
    }

    @Test
    void killedPostgres() throws Exception {
        List<Thread> writers = startWriting();
        for (int kill = 0; kill < KILLS / 3; kill++) {
            int seen = replica.changes();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> replica.changes() > seen);
            pause(random.nextInt(1500));
            killPostgres();
            server.close(); // gives its lock on the folder back
            server = postgres(port);
        }
        stopWriters(writers);
        requireConvergence();
    }

    private void requireConvergence() throws SQLException {
        int last = keys.incrementAndGet();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO item VALUES (" + last + ", 'last')");
            await().atMost(Duration.ofSeconds(120)).until(() -> replica.has(last));
            Map<Integer, String> table = new TreeMap<>();
            try (ResultSet row = statement.executeQuery("SELECT id, body FROM item")) {
                while (row.next()) {
                    table.put(row.getInt(1), row.getString(2));
                }
            }
            assertThat(replica.contradictions()).isEmpty();
            assertThat(replica.gaps()).isEmpty();
            Map<Integer, String> missing = new TreeMap<>(table);
            missing.entrySet().removeAll(replica.rows().entrySet());
            Map<Integer, String> wrong = new TreeMap<>(replica.rows());
            wrong.entrySet().removeAll(table.entrySet());
            assertThat(missing)
                    .as("rows of the table that the subscriber does not have; it has instead: %s", wrong)
                    .isEmpty();
            assertThat(wrong).as("rows that the table does not have").isEmpty();
        }
    }

    // ---- the load

    /** The bridge first: it delivers what is committed after it made its slot. */
    private List<Thread> startWriting() throws IOException, SQLException {
        startBridge();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                try (ResultSet row = statement.executeQuery(
                        "SELECT 1 FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL")) {
                    return row.next();
                }
            });
        }
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Random own = new Random(random.nextLong());
            Thread writer = new Thread(() -> write(own), "writer-" + i);
            writer.start();
            writers.add(writer);
        }
        return writers;
    }

    private void stopWriters(List<Thread> writers) throws InterruptedException {
        stopWriting.countDown();
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private void write(Random own) {
        while (stopWriting.getCount() > 0) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                while (!stopWriting.await(own.nextInt(20), TimeUnit.MILLISECONDS)) {
                    transaction(connection, statement, own);
                }
            } catch (SQLException | IOException e) {
                // The server was killed: connect again. What was committed is what the table holds at the end.
                pause(50);
            } catch (InterruptedException e) {
                return;
            }
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
                statement.execute("BEGIN; INSERT INTO item VALUES (" + first
                        + ", 'kept'); SAVEPOINT s; UPDATE item SET body = 'undone'" + " WHERE id > " + (first - 50)
                        + "; ROLLBACK TO s; UPDATE item SET body = 'after' WHERE id = " + first + "; COMMIT");
            case 5 ->
                statement.execute("INSERT INTO unwatched SELECT i, repeat('x', 100) FROM generate_series(1, 300) i");
            default ->
                statement.execute("WITH old AS (SELECT id FROM item WHERE id % 7 = " + own.nextInt(7) + " AND id > "
                        + (first - 300)
                        + " LIMIT 20 FOR UPDATE SKIP LOCKED), gone AS (DELETE FROM item WHERE id IN (SELECT id FROM old WHERE id % 2 = 0))"
                        + " UPDATE item SET body = 'changed " + own.nextInt()
                        + "' WHERE id IN (SELECT id FROM old WHERE id % 2 = 1)");
        }
    }

    // ---- the processes

    private void startBridge() throws IOException {
        bridge = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.timezone=UTC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BridgeProcess.class.getName(),
                        "postgres://postgres@127.0.0.1:" + port + "/postgres",
                        "kill_test",
                        folder.resolve("data").toString(),
                        "item")
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("bridge.log").toFile()))
                .start();
        replica.follow(bridge);
    }

    private void killBridge() throws InterruptedException {
        bridge.destroyForcibly().waitFor();
        replica.awaitEnd();
    }

    private void killPostgres() throws IOException, InterruptedException {
        long pid = Long.parseLong(
                Files.readAllLines(folder.resolve("postgres/postmaster.pid")).get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> backends = postmaster.children().toList();
        postmaster.destroyForcibly();
        // Its children see it and end by themselves; a start before that would meet their shared memory.
        for (ProcessHandle backend : backends) {
            await().atMost(Duration.ofSeconds(30)).until(() -> !backend.isAlive());
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> !postmaster.isAlive());
    }

    private EmbeddedPostgres postgres(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("fsync", "on")
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofSeconds(60));
        return port == 0 ? builder.start() : builder.setPort(port).start();
    }

    private Connection connect() throws SQLException {
        return PostgresAddress.parse(
                        "postgres://postgres@127.0.0.1:" + port + "/postgres?connectTimeout=5&socketTimeout=20",
                        Map.of())
                .connect();
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a subscriber makes of the events. */
    private static final class Replica {
        private final Map<Integer, String> rows = new TreeMap<>();
        private final Map<Position, String> known = new HashMap<>();
        private final List<String> contradictions = new ArrayList<>();
        private final List<String> gaps = new ArrayList<>();
        private Position last;
        private int redelivered;
        private String cutOff;
        private Thread reader = new Thread();

        synchronized void follow(Process process) {
            cutOff = null;
            reader = new Thread(
                    () -> {
                        try (BufferedReader lines = new BufferedReader(
                                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                            String line;
                            while ((line = lines.readLine()) != null) {
                                take(line);
                            }
                        } catch (IOException e) {
                            // killed
                        }
                    },
                    "replica");
            reader.start();
        }

        void awaitEnd() throws InterruptedException {
            reader.join();
        }

        private synchronized void take(String line) {
            if (cutOff != null) {
                contradictions.add("not an event: " + cutOff);
                cutOff = null;
            }
            String[] fields = line.split("\t", 6);
            if (fields[0].equals("gap")) {
                gaps.add(line);
                return;
            }
            if (fields.length < 6 || !fields[5].matches("null|\\{.*\\}")) {
                cutOff = line; // the last one before the kill may be; it comes again
                return;
            }
            Position position = Position.parse(fields[1]).orElseThrow();
            String content = fields[2] + fields[3] + fields[4] + fields[5];
            String before = known.putIfAbsent(position, content);
            if (before != null) {
                redelivered++;
                if (!before.equals(content)) {
                    contradictions.add(position + " was " + before + " and came again as " + content);
                }
                return;
            }
            if (last != null && !position.isAfter(last)) {
                contradictions.add(position + " came for the first time after " + last);
            }
            last = position;
            int id = Integer.parseInt(fields[4]);
            if (fields[2].equals("delete")) {
                rows.remove(id);
            } else {
                rows.put(
                        id, fields[5].replaceFirst("^\\{id: \\d+, body: \"", "").replaceFirst("\"\\}$", ""));
            }
        }

        synchronized int changes() {
            return known.size();
        }

        synchronized int redelivered() {
            return redelivered;
        }

        synchronized boolean has(int id) {
            return rows.containsKey(id);
        }

        synchronized Map<Integer, String> rows() {
            return new TreeMap<>(rows);
        }

        synchronized List<String> gaps() {
            return List.copyOf(gaps);
        }

        synchronized List<String> contradictions() {
            return List.copyOf(contradictions);
        }
    }
}
