package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.Position;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the bridge and of PostgreSQL at random moments, under {@link RandomWrites}. Without COPY among them such a test passes while rows are lost: the
 * rows that one COPY puts on a page share one LSN.
 *
 * <p>At the end the state rebuilt from the events equals the table, and everything that came twice had its old position and content.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("rowtide.kills", 10);
    private static final Pattern CHANGE =
            Pattern.compile("change\t([^\t]+)\t([^\t]+)\titem\t(\\d+)\t(?:null|\\{id: \\d+, body: \"([^\"]*)\"})");

    @TempDir
    Path folder;

    private final Random random = new Random(Long.getLong("rowtide.seed", 1));
    private final Replica replica = new Replica();
    private KillablePostgres server;
    private RandomWrites writes;
    private Process bridge;
    private Thread reader;

    /** The bridge before the writers: it delivers what is committed after it made its slot. */
    @BeforeEach
    void start() throws Exception {
        server = new KillablePostgres(folder.resolve("postgres"));
        writes = new RandomWrites(server, random.nextLong());
        startBridge();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                try (ResultSet row = statement.executeQuery(
                        "SELECT 1 FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL")) {
                    return row.next();
                }
            });
        }
        writes.start();
    }

    @AfterEach
    void end() throws Exception {
        writes.stop();
        killBridge();
        server.close();
    }

    @Test
    void killedBridge() throws Exception {
        killBridge();
        for (int kill = 0; kill < KILLS; kill++) {
            startBridge();
            awaitMoreChanges();
            pause(random.nextInt(700));
            killBridge();
        }
        writes.stop();
        startBridge();
        replica.requireEquals(writes);
        assertThat(replica.redelivered())
                .as("kills that made nothing come twice prove little")
                .isPositive();
    }

    @Test
    void killedPostgres() throws Exception {
        for (int kill = 0; kill < Math.max(2, KILLS / 3); kill++) {
            awaitMoreChanges();
            pause(random.nextInt(1500));
            server.kill();
            server.startAgain();
        }
        writes.stop();
        replica.requireEquals(writes);
    }

    /** So that the kill often comes inside a transaction. */
    private void awaitMoreChanges() {
        int seen = replica.changes();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> replica.changes() > seen);
    }

    private void startBridge() throws IOException {
        bridge = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.timezone=UTC",
                        "-Dlogback.configurationFile=engine-tests-logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BridgeProcess.class.getName(),
                        server.url(),
                        "kill_test",
                        folder.resolve("data").toString(),
                        "item")
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("bridge.log").toFile()))
                .start();
        Process process = bridge;
        reader = new Thread(() -> read(process), "replica");
        reader.start();
    }

    private void killBridge() throws InterruptedException {
        bridge.destroyForcibly().waitFor();
        reader.join();
    }

    /** The last line before the kill may be cut off, and comes again; no other. */
    private void read(Process process) {
        String cutOff = null;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (cutOff != null) {
                    replica.contradict("not an event: " + cutOff);
                }
                Matcher change = CHANGE.matcher(line);
                if (change.matches()) {
                    replica.apply(
                            Position.parse(change.group(1)).orElseThrow(),
                            Integer.parseInt(change.group(3)),
                            change.group(2).equals("delete") ? null : change.group(4));
                    cutOff = null;
                } else {
                    cutOff = line;
                }
            }
        } catch (IOException e) {
            // killed
        }
    }

    private static void pause(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }
}
