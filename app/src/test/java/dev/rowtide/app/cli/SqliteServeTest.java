package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.cdc.TestFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a SQLite file, as a user starts them. */
class SqliteServeTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private TestFile database;

    @BeforeEach
    void create() {
        database = new TestFile(directory.resolve("app.db"));
        database.execute(
                "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT)", "INSERT INTO posts VALUES (42, 'Low')");
    }

    private RowtideProcess run(String... arguments) throws IOException {
        return RowtideProcess.java(directory, Map.of("ROWTIDE_DATABASE", "sqlite:./app.db"), arguments);
    }

    @Test
    void aCommittedUpdateIsALineOfTail() throws Exception {
        try (RowtideProcess serve = run("serve", "--port", "0")) {
            String line = serve.outLine("Rowtide is listening on ");
            serve.outLine("sqlite:./app.db");
            serve.outLine("every table");
            serve.errLine("Changes are flowing");
            try (RowtideProcess tail =
                    run("tail", "--url", line.substring(line.indexOf("ws://")), "resource:posts", "posts:42")) {
                tail.errLine("tailing resource:posts");
                tail.errLine("tailing posts:42");

                database.execute("UPDATE posts SET title = 'High tide' WHERE id = 42");

                JsonNode change = JSON.readTree(tail.outLine("data_change"));
                assertThat(change.path("channel").asText()).isEqualTo("resource:posts");
                assertThat(change.path("payload").path("data"))
                        .isEqualTo(JSON.readTree("{\"id\":42,\"title\":\"High tide\"}"));
                assertThat(change.path("payload").path("old"))
                        .isEqualTo(JSON.readTree("{\"id\":42,\"title\":\"Low\"}"));
                assertThat(change.path("payload").path("changed")).isEqualTo(JSON.readTree("[\"title\"]"));
                assertThat(JSON.readTree(tail.outLine("data_change"))
                                .path("channel")
                                .asText())
                        .isEqualTo("posts:42");

                serve.terminate();
                assertThat(serve.exitCode()).isZero();
                tail.errLine("4001");
            }
        }
        assertThat(database.query("PRAGMA journal_mode")).isEqualTo("wal");
    }

    @Test
    void theConsoleIsAtTheRootAndWhatItAsksIsAnswered() throws Exception {
        try (RowtideProcess serve = run("serve", "--port", "0")) {
            String line = serve.outLine("console ");
            URI console = URI.create(line.substring(line.indexOf("http://")));
            serve.errLine("Changes are flowing");

            HttpResponse<String> page = get(console);
            JsonNode stats =
                    JSON.readTree(get(console.resolve("/realtime/stats")).body());

            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).startsWith("<!doctype html>");
            assertThat(get(console.resolve("/console.js")).statusCode()).isEqualTo(200);
            assertThat(get(console.resolve("/console.css")).statusCode()).isEqualTo(200);
            JsonNode source = stats.path("source");
            assertThat(source.path("state").asText()).isEqualTo("flowing");
            assertThat(source.path("database").asText()).isEqualTo("sqlite:./app.db");
            assertThat(source.path("log").asText()).isEqualTo("write-ahead log of app.db");
            assertThat(stats.path("resources"))
                    .isEqualTo(JSON.readTree("[{\"name\":\"posts\",\"columns\":[\"id\",\"title\"]}]"));
            assertThat(stats.path("counters").path("changes").isIntegralNumber())
                    .isTrue();
        }
        try (RowtideProcess serve = RowtideProcess.java(
                directory,
                Map.of("ROWTIDE_DATABASE", "sqlite:./app.db", "ROWTIDE_CONSOLE", "false"),
                "serve",
                "--port",
                "0")) {
            String line = serve.outLine("state ");
            URI state = URI.create(line.substring(line.indexOf("http://")));

            assertThat(get(state.resolve("/")).statusCode()).isEqualTo(404);
            assertThat(serve.toString()).doesNotContain("console ");
        }
    }

    private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whatOnlyAPersonCanMendStopsTheStartWithTheDoctorsWords() throws Exception {
        Files.delete(database.path());
        try (RowtideProcess serve = run("serve", "--port", "0")) {
            assertThat(serve.exitCode()).isEqualTo(1);
            serve.errLine("there is no file");
        }
        try (RowtideProcess doctor = run("doctor")) {
            assertThat(doctor.exitCode()).isEqualTo(1);
            doctor.outLine("ERROR  file: there is no file");
        }
        assertThat(database.path()).doesNotExist();
    }

    @Test
    void aRuleAboutRowsThatDoesNotFitStopsTheStartAndIsAnErrorLater() throws Exception {
        Path config = directory.resolve("rowtide.yaml");
        Files.writeString(config, "resources: {post: {table: posts, read: [{where: {titel: Low}}]}}");
        try (RowtideProcess doctor = run("doctor", "--config", "rowtide.yaml")) {
            assertThat(doctor.exitCode()).isEqualTo(1);
            doctor.outLine(
                    "ERROR  resources.post.read[0].where: there is no column \"titel\": the nearest are \"title\"");
        }
        try (RowtideProcess serve = run("serve", "--port", "0", "--config", "rowtide.yaml")) {
            assertThat(serve.exitCode()).isEqualTo(1);
            serve.errLine("resources.post.read[0].where: there is no column \"titel\"");
        }
        Files.writeString(config, "resources: {post: {table: posts, read: [{where: {title: Low}}]}}");
        try (RowtideProcess serve = run("serve", "--port", "0", "--config", "rowtide.yaml")) {
            serve.errLine("Changes are flowing");
            database.execute("ALTER TABLE posts RENAME COLUMN title TO heading");
            serve.errLine("resources.post.read[0].where: there is no column \"title\"");
            database.execute("ALTER TABLE posts ADD COLUMN body TEXT");
            serve.errLine("resources.post.read[0].where: there is no column \"title\"");
            serve.terminate();
            assertThat(serve.exitCode()).isZero();
            assertThat(serve.errLines())
                    .filteredOn(line -> line.contains("resources.post.read[0].where"))
                    .as("one for each shape")
                    .hasSize(2);
        }
    }

    @Test
    void theDoctorFindsNothingInTheWayAndChangesNothing() throws Exception {
        byte[] before = Files.readAllBytes(database.path());
        try (RowtideProcess doctor = run("doctor")) {
            assertThat(doctor.exitCode()).isZero();
            doctor.outLine("INFO  journal:");
            doctor.outLine("Nothing is in the way of changes.");
        }
        assertThat(database.path()).hasBinaryContent(before);
        assertThat(directory).isDirectoryNotContaining(file -> !file.equals(database.path()));
    }

    @Test
    void theTypesAreTheSameFromTheCommandAndFromTheBridge() throws Exception {
        try (RowtideProcess types = run("types");
                RowtideProcess serve = run("serve", "--port", "0")) {
            assertThat(types.exitCode()).isZero();
            String written = String.join("\n", types.outLines()) + "\n";
            assertThat(written).contains("  posts: {\n    id: number;\n    title: string | null;\n  };\n");

            String line = serve.outLine("Rowtide is listening on ");
            URI address = URI.create(line.substring(line.indexOf("ws://")).replace("ws:", "http:") + "/types.ts");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(written);
        }
    }

    @Test
    void thereIsNoSlotToDrop() throws Exception {
        try (RowtideProcess drop = run("drop-slot", "--yes")) {
            assertThat(drop.exitCode()).isEqualTo(2);
            drop.errLine("there is no slot to drop");
        }
    }
}
