package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.cdc.KillablePostgres;
import dev.rowtide.cdc.RandomWrites;
import dev.rowtide.cdc.Replica;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole process, killed at random moments, with a subscriber that connects again at once: what it rebuilt equals the table. It can, because the process listens before it
 * reads, and because the offset moves only behind what was written to the sockets.
 */
class KilledServeTest {
    private static final int KILLS = Integer.getInteger("rowtide.kills", 6);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private final Random random = new Random(Long.getLong("rowtide.seed", 2));
    private final Replica replica = new Replica();
    private final int port = freePort();
    private KillablePostgres server;
    private RandomWrites writes;
    private RowtideProcess bridge;
    private ReplicaSubscriber subscriber;
    private final Replica resumed = new Replica();
    private ReplicaSubscriber resuming;

    @BeforeEach
    void start() throws Exception {
        server = new KillablePostgres(folder.resolve("postgres"));
        writes = new RandomWrites(server, random.nextLong());
        bridge = serve();
        subscriber = new ReplicaSubscriber(port, replica);
        subscriber.start();
        awaitStatus(200);
        resuming = ReplicaSubscriber.resuming(port, resumed, random.nextLong());
        resuming.start();
        await().atMost(PATIENCE).until(resuming::isPlaced);
        writes.start();
    }

    @AfterEach
    void end() throws Exception {
        writes.stop();
        subscriber.end();
        resuming.end();
        bridge.close();
        server.close();
    }

    @Test
    void killedBridge() throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            awaitMoreChanges();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1000));
            int connections = subscriber.connections();
            bridge.close();
            bridge = serve();
            // What the old connection had received may still be coming in; the next kill is for the new one.
            await().atMost(PATIENCE).until(() -> subscriber.connections() > connections);
        }
        writes.stop();
        replica.requireEquals(writes);
        resumed.requireEquals(writes);
    }

    @Test
    void killedPostgresDisconnectsNobodyAndReadinessSaysWhy() throws Exception {
        for (int kill = 0; kill < 2; kill++) {
            awaitMoreChanges();
            server.kill();
            assertThat(awaitStatus(503).path("source").path("message").asText())
                    .contains("127.0.0.1")
                    .containsAnyOf("cannot be reached", "being restarted");
            server.startAgain();
            awaitStatus(200);
        }
        writes.stop();
        replica.requireEquals(writes);
        resumed.requireEquals(writes);
        assertThat(subscriber.connections()).isEqualTo(1);
    }

    private RowtideProcess serve() throws IOException {
        return RowtideProcess.java(
                folder,
                Map.of("ROWTIDE_DATABASE", server.url()),
                "serve",
                "--port",
                String.valueOf(port),
                "--data-dir",
                "data");
    }

    private void awaitMoreChanges() {
        int seen = replica.changes();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> replica.changes() > seen);
    }

    private JsonNode awaitStatus(int status) {
        JsonNode[] body = new JsonNode[1];
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            body[0] = new JsonMapper().readTree(answer.body());
            return answer.statusCode() == status;
        });
        return body[0];
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
