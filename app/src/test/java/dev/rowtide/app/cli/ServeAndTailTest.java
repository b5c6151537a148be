package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.app.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user starts them: processes, their output and their exit codes. */
class ServeAndTailTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private RowtideProcess serve(TestDatabase database, String port, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--port", port, "--data-dir", "data"));
        arguments.addAll(List.of(more));
        return RowtideProcess.java(
                directory,
                Map.of(
                        "ROWTIDE_DATABASE",
                        database.url(),
                        "ROWTIDE_POSTGRES_SLOT",
                        database.name(),
                        "ROWTIDE_POSTGRES_PUBLICATION",
                        database.name()),
                arguments.toArray(String[]::new));
    }

    private RowtideProcess tail(String url, Map<String, String> environment, String... channels) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("tail", "--url", url));
        arguments.addAll(List.of(channels));
        return RowtideProcess.java(directory, environment, arguments.toArray(String[]::new));
    }

    /** The address that it says it listens on. */
    private static String url(RowtideProcess serve) throws InterruptedException {
        String line = serve.outLine("Rowtide is listening on ");
        return line.substring(line.indexOf("ws://"));
    }

    @Test
    void aCommittedUpdateIsALineOfTail() throws Exception {
        TestDatabase database = TestDatabase.with(
                "CREATE TABLE posts (id int PRIMARY KEY, title text)", "INSERT INTO posts VALUES (1, 'before')");
        try (RowtideProcess serve = serve(database, "0")) {
            String url = url(serve);
            serve.errLine("Changes are flowing");
            try (RowtideProcess tail = tail(url, Map.of(), "resource:posts", "posts:1")) {
                tail.errLine("tailing resource:posts");
                tail.errLine("tailing posts:1");

                database.execute("UPDATE posts SET title = 'Grüße\nzwei' WHERE id = 1");

                JsonNode line = JSON.readTree(tail.outLine("data_change"));
                assertThat(line.path("channel").asText()).isEqualTo("resource:posts");
                assertThat(line.path("payload").path("data"))
                        .isEqualTo(JSON.readTree("{\"id\":1,\"title\":\"Grüße\\nzwei\"}"));
                assertThat(JSON.readTree(tail.outLine("data_change"))
                                .path("channel")
                                .asText())
                        .isEqualTo("posts:1");

                serve.terminate();
                assertThat(serve.exitCode()).isZero();
                assertThat(serve.toString()).doesNotContain("hidden-password");
                tail.errLine("4001");

                // It comes back by itself, to the same port.
                try (RowtideProcess again = serve(database, url.replaceAll(".*:(\\d+)/.*", "$1"))) {
                    tail.errLine("tailing posts:1");
                    again.errLine("Changes are flowing");
                    database.execute("DELETE FROM posts");
                    assertThat(JSON.readTree(tail.outLine("data_change"))
                                    .path("payload")
                                    .path("operation")
                                    .asText())
                            .isEqualTo("delete");

                    // Somebody who reads no more (head, a closed terminal) is no failure.
                    tail.closeOut();
                    // The pipe is closed when the read that is under way has returned: it takes one line more, and not
                    // a
                    // second that comes later.
                    int[] id = {2};
                    await().atMost(Duration.ofSeconds(30)).until(() -> {
                        database.execute("INSERT INTO posts VALUES (" + id[0]++ + ")");
                        return !tail.isAlive();
                    });
                    assertThat(tail.exitCode()).isZero();
                }
            }
        }
    }

    @Test
    void aDatabaseThatIsNotThereDoesNotStopTheStart() throws Exception {
        try (RowtideProcess serve = RowtideProcess.java(
                directory,
                Map.of("ROWTIDE_LOG_FORMAT", "json"),
                "serve",
                "--database",
                "postgres://ann:hidden-password@127.0.0.1:1/shop",
                "--port",
                "0")) {
            URI ready = URI.create(url(serve).replace("ws:", "http:").replace("/realtime", "/health/ready"));
            HttpClient client = HttpClient.newHttpClient();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                HttpResponse<String> answer =
                        client.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(JSON.readTree(answer.body())
                                .path("source")
                                .path("state")
                                .asText())
                        .isEqualTo("retrying");
            });
            assertThat(Files.isDirectory(directory.resolve(".rowtide"))).isTrue();

            serve.terminate();

            assertThat(serve.exitCode()).isZero();
            assertThat(serve.toString()).doesNotContain("hidden-password").contains("list of processes");
            // One JSON object a line, and nothing else.
            assertThat(serve.errLines())
                    .isNotEmpty()
                    .allSatisfy(
                            line -> assertThat(JSON.readTree(line).isObject()).isTrue());
        }
    }

    @Test
    void tailEndsWithTheBridgesSentenceWhenItIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("rowtide.yaml"), """
                database: postgres://ann@127.0.0.1:1/shop
                port: 0
                auth:
                  mode: tokens
                  tokens: [{token: right-token, user-id: ann}]
                  rules: [{channel: "open-*", allow: [subscribe]}]
                """);
        try (RowtideProcess serve = RowtideProcess.java(directory, Map.of(), "serve", "--config", file.toString())) {
            String url = url(serve);

            try (RowtideProcess tail = tail(url, Map.of("ROWTIDE_TOKEN", "wrong-token"), "open-1")) {
                assertThat(tail.exitCode()).isEqualTo(1);
                assertThat(tail.errLines())
                        .singleElement()
                        .satisfies(line -> assertThat(line)
                                .startsWith("rowtide: the bridge at " + url + " refuses (401): ")
                                .doesNotContain("wrong-token"));
            }
            try (RowtideProcess tail = tail(url, Map.of("ROWTIDE_TOKEN", "right-token"), "open-1", "closed-1")) {
                assertThat(tail.exitCode()).isEqualTo(1);
                assertThat(tail.errLines()).last().asString().startsWith("rowtide: closed-1 is refused, forbidden: ");
            }
        }
    }

    @Test
    void rulesAboutRowsAreHeldAgainstTheTablesNowAndLater() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY, owner text)");
        Files.writeString(
                directory.resolve("rowtide.yaml"), """
                database: %s
                postgres: {slot: %s, publication: %s}
                resources: {post: {table: posts, read: [{roles: [admin]}, {where: {owner: $user.id}}]}}
                """.formatted(database.url(), database.name(), database.name()));
        try (RowtideProcess doctor = RowtideProcess.java(directory, Map.of(), "doctor", "--config", "rowtide.yaml")) {
            assertThat(doctor.exitCode()).isZero();
            doctor.outLine("WARNING  table public.posts: the rules of resource 'post' look at \"owner\"");
            doctor.outLine("    ALTER TABLE \"public\".\"posts\" REPLICA IDENTITY FULL;");
        }
        try (RowtideProcess serve = serve(database, "0", "--config", "rowtide.yaml")) {
            serve.errLine("the rules of resource 'post' look at \"owner\"");
            serve.errLine("Changes are flowing");
            database.execute("ALTER TABLE posts RENAME owner TO author");
            serve.errLine(
                    "resources.post.read[1].where: there is no column \"owner\": the nearest are \"id\", \"author\"");
        }
    }

    @Test
    void twoBridgesDoNotShareADataDirectory() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY)");
        try (RowtideProcess first = serve(database, "0")) {
            first.errLine("Changes are flowing");
            try (RowtideProcess second = serve(database, "0")) {
                assertThat(second.exitCode()).isEqualTo(1);
                second.errLine("is in use by another bridge");
            }
        }
    }

    @Test
    void dropSlotTakesBackWhatServeMade() throws Exception {
        TestDatabase database = TestDatabase.with("CREATE TABLE posts (id int PRIMARY KEY)");
        Map<String, String> environment = Map.of(
                "ROWTIDE_DATABASE",
                database.url(),
                "ROWTIDE_POSTGRES_SLOT",
                database.name(),
                "ROWTIDE_POSTGRES_PUBLICATION",
                database.name());
        try (RowtideProcess serve = serve(database, "0")) {
            serve.errLine("Changes are flowing");
            try (RowtideProcess early =
                    RowtideProcess.java(directory, environment, "drop-slot", "--yes", "--data-dir", "data")) {
                assertThat(early.exitCode()).isEqualTo(1);
                early.errLine("stop the bridge first");
            }
            serve.terminate();
            assertThat(serve.exitCode()).isZero();
        }
        try (RowtideProcess drop =
                RowtideProcess.java(directory, environment, "drop-slot", "--yes", "--data-dir", "data")) {
            assertThat(drop.exitCode()).isZero();
            assertThat(drop.outLines())
                    .contains(
                            "Dropped the replication slot '" + database.name() + "'.",
                            "Dropped the publication '" + database.name() + "'.");
        }
    }
}
