package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.Position;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * kill -9 of the bridge at random moments, under {@link SqliteWrites} of another process. At the end the state rebuilt from the events equals the table, and everything that came twice had its old
 * position and content.
 */
class SqliteKillTest {
    private static final int KILLS = Integer.getInteger("rowtide.kills", 6);
    private static final Pattern CHANGE =
            Pattern.compile("change\t([^\t]+)\t([^\t]+)\titem\t(\\d+)\t(?:null|\\{id: \\d+, body: \"([^\"]*)\"})");

    @TempDir
    Path folder;

    private final Random random = new Random(Long.getLong("rowtide.seed", 3));
    private final Replica replica = new Replica();
    private TestFile database;
    private SqliteWrites writes;
    private Process bridge;
    private Thread reader;

    /** The bridge before the writers: it delivers what is committed after its first copy. */
    @BeforeEach
    void start() throws Exception {
        database = new TestFile(folder.resolve("app.db"));
        writes = new SqliteWrites(database, random.nextLong());
        startBridge();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(folder.resolve("data/sqlite-state/shadow.meta")));
        writes.start();
    }

    @AfterEach
    void end() throws Exception {
        killBridge();
        writes.stop();
    }

    @Test
    void killedBridge() throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            awaitMoreChanges();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
            killBridge();
            startBridge();
        }
        awaitMoreChanges();
        writes.stop();
        replica.requireEquals(writes);
        assertThat(replica.redelivered())
                .as("kills that made nothing come twice prove little")
                .isPositive();
    }

    /** So that the kill often comes inside a transaction. */
    private void awaitMoreChanges() {
        int seen = replica.changes();
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    writes.requireRunning();
                    return replica.changes() > seen;
                });
    }

    private void startBridge() throws IOException {
        bridge = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.timezone=UTC",
                        "-Dlogback.configurationFile=engine-tests-logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BridgeProcess.class.getName(),
                        database.url(),
                        "-",
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

    /** The last line before the kill may be cut off, and comes again; no other. The gap of a first start is told to nobody. */
    private void read(Process process) {
        String cutOff = null;
        boolean first = replica.changes() == 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (cutOff != null && !(first && cutOff.startsWith("gap"))) {
                    replica.contradict("not an event: " + cutOff);
                }
                cutOff = null;
                Matcher change = CHANGE.matcher(line);
                if (change.matches()) {
                    first = false;
                    replica.apply(
                            Position.parse(change.group(1)).orElseThrow(),
                            Integer.parseInt(change.group(3)),
                            change.group(2).equals("delete") ? null : change.group(4));
                } else if (!line.contains(" INFO ") && !line.contains(" WARN ")) {
                    cutOff = line;
                }
            }
        } catch (IOException e) {
            // killed
        }
    }
}
