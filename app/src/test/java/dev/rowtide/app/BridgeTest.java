package dev.rowtide.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: a real PostgreSQL, the real bridge, and a client that is not ours. */
class BridgeTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private AppConfig config(TestDatabase database, String... lines) throws Exception {
        String yaml = """
                database: %s
                data-dir: %s
                port: 0
                postgres: {slot: %s, publication: %s}
                """.formatted(database.url(), directory.resolve("data"), database.name(), database.name());
        Path file = Files.writeString(directory.resolve("rowtide.yaml"), yaml + String.join("\n", lines));
        return new ConfigLoader(Map.of()).load(file, Map.of());
    }

    private static void awaitReady(Bridge bridge) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(
                                TestClient.get(bridge.port(), "/health/ready").statusCode())
                        .isEqualTo(200));
    }

    @Test
    void aCommittedUpdateReachesTheSubscribersOfItsChannels() throws Exception {
        TestDatabase database = TestDatabase.with(
                "CREATE TABLE posts (id bigint PRIMARY KEY, title text, secret text)",
                "INSERT INTO posts VALUES (42, 'before', 'x')");
        AppConfig config =
                config(database, "resources: {post: {table: posts, exclude-columns: [secret], numbers: string}}");

        try (Bridge bridge = new Bridge(config)) {
            bridge.start();
            awaitReady(bridge);
            try (TestClient client = TestClient.connect(bridge.port())) {
                client.subscribe("resource:post");
                client.subscribe("post:42");

                database.execute("UPDATE posts SET title = 'Grüße, 世界' WHERE id = 42");

                JsonNode ofResource = client.next("data_change");
                JsonNode ofRecord = client.next("data_change");
                assertThat(ofResource.path("channel").asText()).isEqualTo("resource:post");
                assertThat(ofRecord.path("channel").asText()).isEqualTo("post:42");
                assertThat(ofRecord.path("payload")).isEqualTo(ofResource.path("payload"));
                JsonNode payload = ofResource.path("payload");
                assertThat(payload.path("resource").asText()).isEqualTo("post");
                assertThat(payload.path("operation").asText()).isEqualTo("update");
                assertThat(payload.path("id")).isEqualTo(JSON.readTree("\"42\""));
                assertThat(payload.path("data")).isEqualTo(JSON.readTree("{\"id\":\"42\",\"title\":\"Grüße, 世界\"}"));
                assertThat(payload.path("transaction").path("last").asBoolean()).isTrue();
            }
        }
    }

    @Test
    void whoSeesWhichRowsIsWhatTheConfigurationSays() throws Exception {
        TestDatabase database = TestDatabase.with(
                "CREATE TABLE posts (id int PRIMARY KEY, team int)", "ALTER TABLE posts REPLICA IDENTITY FULL");
        AppConfig config = config(
                database,
                "resources: {post: {table: posts, read: [{roles: [moderator]}, {where: {team: {in: $user.teams}}}]}}",
                "auth:",
                "  mode: tokens",
                "  tokens:",
                "    - {token: a, user-id: ann, claims: {teams: [1, 3]}}",
                "    - {token: m, user-id: max, roles: [moderator]}",
                "    - {token: n, user-id: nobody}",
                "    - {token: s, user-id: backend, service: true}");

        try (Bridge bridge = new Bridge(config)) {
            bridge.start();
            awaitReady(bridge);
            try (TestClient ann = TestClient.connect(bridge.port(), "?token=a");
                    TestClient max = TestClient.connect(bridge.port(), "?token=m");
                    TestClient nobody = TestClient.connect(bridge.port(), "?token=n");
                    TestClient backend = TestClient.connect(bridge.port(), "?token=s")) {
                for (TestClient client : List.of(ann, max, nobody, backend)) {
                    client.subscribe("resource:post");
                }

                database.execute(
                        "INSERT INTO posts VALUES (1, 2), (2, 1)",
                        "UPDATE posts SET team = 2 WHERE id = 2",
                        "UPDATE posts SET team = 3 WHERE id = 1",
                        "TRUNCATE posts");

                assertThat(untilTruncate(ann)).containsExactly("create 2", "delete 2", "create 1");
                assertThat(untilTruncate(max)).containsExactly("create 1", "create 2", "update 2", "update 1");
                assertThat(untilTruncate(nobody)).isEmpty();
                assertThat(untilTruncate(backend)).isEmpty();
            }
        }
    }

    private static List<String> untilTruncate(TestClient client) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        while (true) {
            JsonNode payload = client.next("data_change").path("payload");
            String operation = payload.path("operation").asText();
            if (operation.equals("truncate")) {
                return seen;
            }
            seen.add(operation + ' ' + payload.path("id"));
        }
    }

    @Test
    void aStoppingBridgeIsNotReadyAndSendsItsClientsAway() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY)");
        Bridge bridge = new Bridge(config(database));
        bridge.start();
        awaitReady(bridge);
        TestClient client = TestClient.connect(bridge.port());
        client.subscribe("resource:posts");

        bridge.close();

        assertThat(client.next("closing").path("payload").path("reconnectIn").isNumber())
                .isTrue();
        assertThat(client.closeCode()).isEqualTo(4001);
        assertThat(bridge.health().ready()).isFalse();
    }

    @Test
    void whatWasCommittedWhileTheBridgeWasDownIsDeliveredAfterwards() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY)");
        AppConfig config = config(database);
        try (Bridge first = new Bridge(config)) {
            first.start();
            awaitReady(first);
        }
        database.execute("INSERT INTO posts VALUES (7)");

        try (Bridge second = new Bridge(config)) {
            // Subscribed before the source is ready, which the order of start makes possible.
            second.start();
            try (TestClient client = TestClient.connect(second.port())) {
                client.subscribe("resource:posts");
                awaitReady(second);
                database.execute("INSERT INTO posts VALUES (8)");

                JsonNode change = client.next("data_change");
                if (change.path("payload").path("id").asInt() == 7) {
                    change = client.next("data_change");
                }
                assertThat(change.path("payload").path("id").asInt()).isEqualTo(8);
            }
            assertThat(TestClient.get(second.port(), "/metrics").body()).contains("rowtide_source_changes_total 2.0");
        }
    }

    @Test
    void theMetricsAreThoseOfTheDocumentation() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY)");
        try (Bridge bridge = new Bridge(config(database))) {
            bridge.start();
            awaitReady(bridge);

            HttpResponse<String> metrics = TestClient.get(bridge.port(), "/metrics");

            assertThat(metrics.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
            assertThat(names(metrics.body(), "(?m)^# TYPE (rowtide_\\w+) "))
                    .isEqualTo(names(
                            Files.readString(TestProject.root().resolve("docs/operations.md")),
                            "(?m)^\\| `(rowtide_\\w+)` \\|"));
            assertThat(metrics.body())
                    .contains("jvm_memory_used_bytes", "process_cpu_usage", "rowtide_source_ready 1.0");
        }
    }

    private static Set<String> names(String text, String pattern) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }
}
