package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.Replica;
import dev.rowtide.cdc.SqliteWrites;
import dev.rowtide.cdc.TestFile;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link KilledServeTest}, on a SQLite file that another process writes to: this one. */
class KilledSqliteServeTest {
    private static final int KILLS = Integer.getInteger("rowtide.kills", 4);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private final Random random = new Random(Long.getLong("rowtide.seed", 4));
    private final Replica replica = new Replica();
    private final int port = freePort();
    private SqliteWrites writes;
    private RowtideProcess bridge;
    private ReplicaSubscriber subscriber;
    private final Replica resumed = new Replica();
    private ReplicaSubscriber resuming;

    @BeforeEach
    void start() throws Exception {
        TestFile database = new TestFile(folder.resolve("app.db"));
        writes = new SqliteWrites(database, random.nextLong());
        bridge = serve();
        subscriber = new ReplicaSubscriber(port, replica);
        subscriber.expectFirstCopy(true);
        subscriber.start();
        awaitReady();
        subscriber.expectFirstCopy(false);
        resuming = ReplicaSubscriber.resuming(port, resumed, random.nextLong());
        resuming.start();
        await().atMost(PATIENCE).until(resuming::isPlaced);
        writes.start();
    }

    @AfterEach
    void end() throws Exception {
        subscriber.end();
        resuming.end();
        bridge.close();
        writes.stop(); // last, since it fails if a writer did
    }

    @Test
    void killedBridge() throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            awaitMoreChanges();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1000));
            int connections = subscriber.connections();
            bridge.close();
            bridge = serve();
            await().atMost(PATIENCE).until(() -> subscriber.connections() > connections);
        }
        awaitMoreChanges();
        writes.stop();
        replica.requireEquals(writes);
        resumed.requireEquals(writes);
        // A killed process leaves the library that the driver unpacked; the next one takes it away.
        try (Stream<Path> libraries = Files.list(folder.resolve("data/native"))) {
            assertThat(libraries.filter(file -> file.toString().endsWith(".lck")))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    private RowtideProcess serve() throws IOException {
        return RowtideProcess.java(
                folder,
                Map.of(),
                "serve",
                "--database",
                "sqlite:app.db",
                "--port",
                String.valueOf(port),
                "--data-dir",
                "data");
    }

    private void awaitMoreChanges() {
        int seen = replica.changes();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            writes.requireRunning();
            return replica.changes() > seen;
        });
    }

    private void awaitReady() {
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200;
        });
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
