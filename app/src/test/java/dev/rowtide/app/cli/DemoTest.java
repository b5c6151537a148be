package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer starts it: a process, what it prints, and what it leaves behind. */
@DisabledOnOs(OS.WINDOWS)
class DemoTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PASTED = Pattern.compile("\\s*(\\S+) (?:(sql) )?(\\S+) \"(.*)\"");

    @TempDir
    Path directory;

    /** Everything that Java, its libraries and we put into temporary folders goes here. */
    private Path temporary() throws IOException {
        return Files.createDirectories(directory.resolve("tmp"));
    }

    private RowtideProcess demo(Map<String, String> environment, String... arguments) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary());
        all.put("TMPDIR", "");
        String[] command = new String[arguments.length + 1];
        command[0] = "demo";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return RowtideProcess.java(directory, all, command);
    }

    private static String address(RowtideProcess demo) throws InterruptedException {
        String line = demo.outLine("websocket");
        return line.substring(line.indexOf("ws://"));
    }

    private RowtideProcess tail(String url, String... channels) throws IOException {
        String[] command = new String[channels.length + 3];
        command[0] = "tail";
        command[1] = "--url";
        command[2] = url;
        System.arraycopy(channels, 0, command, 3, channels.length);
        return RowtideProcess.java(directory, Map.of(), command);
    }

    private static JsonNode change(RowtideProcess tail) throws Exception {
        return JSON.readTree(tail.outLine("data_change")).path("payload");
    }

    @Test
    void theShopLivesThePastedLineShowsAndNothingIsLeftBehind() throws Exception {
        // Without a PATH there is no sqlite3.
        try (RowtideProcess demo = demo(Map.of("PATH", ""), "--port", "0")) {
            String url = address(demo);
            assertThat(demo.outLine("tail ")).endsWith("rowtide tail --url " + url + " resource:orders");
            String pasted = demo.outLine("UPDATE");
            try (RowtideProcess orders = tail(url, "resource:orders");
                    RowtideProcess first = tail(url, "orders:1")) {
                orders.errLine("tailing resource:orders");
                first.errLine("tailing orders:1");

                assertThat(change(orders).path("resource").asText()).isEqualTo("orders");

                Matcher line = PASTED.matcher(pasted);
                assertThat(line.matches()).as(pasted).isTrue();
                assertThat(line.group(2)).isEqualTo("sql");
                try (RowtideProcess sql =
                        RowtideProcess.java(directory, Map.of(), "sql", line.group(3), line.group(4))) {
                    assertThat(sql.exitCode()).isZero();
                    assertThat(sql.outLines()).containsExactly("1 row changed");
                }
                JsonNode change = change(first);
                assertThat(change.path("operation").asText()).isEqualTo("update");
                assertThat(change.path("data").path("note").asText()).startsWith("Hello at ");
                assertThat(change.path("changed")).isEqualTo(JSON.readTree("[\"note\"]"));

                demo.terminate();
                assertThat(demo.exitCode()).isZero();
            }
            assertThat(temporary()).isEmptyDirectory();
            assertThat(directory).isDirectoryNotContaining("glob:**/.rowtide");
            assertThat(demo.errLines()).allSatisfy(line -> assertThat(line).startsWith("Picked up JAVA_TOOL_OPTIONS"));
        }
    }

    @Test
    void whereThereIsASqliteShellThePastedLineUsesIt() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        assertThat(Files.createFile(bin.resolve("sqlite3")).toFile().setExecutable(true))
                .isTrue();

        try (RowtideProcess demo = demo(Map.of("PATH", bin.toString()), "--port", "0")) {
            Matcher line = PASTED.matcher(demo.outLine("UPDATE"));

            assertThat(line.matches()).isTrue();
            assertThat(line.group(1)).isEqualTo("sqlite3");
            assertThat(Path.of(line.group(3))).exists();
        }
    }

    @Test
    void oneThatIsStoppedWhileItStartsLeavesNothingBehindEither() throws Exception {
        try (RowtideProcess demo = demo(Map.of(), "--port", "0")) {
            demo.outLine("Making a small shop");
            demo.terminate();

            assertThat(demo.exitCode()).isZero();
            assertThat(temporary()).isEmptyDirectory();
        }
    }

    @Test
    void whatAKilledDemoLeftIsRemovedByTheNextAndALivingOneIsLeftAlone() throws Exception {
        Path stranger = Files.createDirectories(temporary().resolve("rowtide-demo-ours"));
        Files.writeString(stranger.resolve("shop.db"), "somebody else's");
        try (RowtideProcess living = demo(Map.of(), "--port", "0")) {
            address(living);
            List<Path> before = folders();
            try (RowtideProcess killed = demo(Map.of(), "--port", "0")) {
                address(killed);
            }
            assertThat(folders()).hasSize(3);

            try (RowtideProcess next = demo(Map.of(), "--port", "0")) {
                address(next);
                assertThat(folders()).hasSize(3).containsAll(before);
                next.terminate();
                assertThat(next.exitCode()).isZero();
            }
            assertThat(folders()).containsExactlyInAnyOrderElementsOf(before);
            living.terminate();
            assertThat(living.exitCode()).isZero();
            assertThat(folders()).containsExactly(stranger);
        }
    }

    private List<Path> folders() throws IOException {
        try (var files = Files.list(temporary())) {
            return files.toList();
        }
    }

    @Test
    void aPortInUseIsSaidWithTheNextStep() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RowtideProcess demo = demo(Map.of(), "--port", Integer.toString(taken.getLocalPort()))) {
            assertThat(demo.exitCode()).isEqualTo(1);
            assertThat(demo.errLine("cannot listen on 127.0.0.1:" + taken.getLocalPort()))
                    .startsWith("rowtide: ")
                    .endsWith("rowtide demo --port 8080");
            assertThat(temporary()).isEmptyDirectory();
        }
    }

    @Test
    void aPortThatIsNoneIsAMistake() throws Exception {
        try (RowtideProcess demo = demo(Map.of(), "--port", "eighty")) {
            assertThat(demo.exitCode()).isEqualTo(2);
            demo.errLine("--port: port: 'eighty' is not a whole number");
            assertThat(temporary()).isEmptyDirectory();
        }
    }

    @Test
    void theUsersOwnConfigurationIsNotItsBusiness() throws Exception {
        try (RowtideProcess demo = demo(
                Map.of(
                        "ROWTIDE_DATABASE",
                        "postgres://a@127.0.0.1:1/b",
                        "ROWTIDE_POSTGRES_SLOT",
                        "a",
                        "ROWTIDE_PORT",
                        "x"),
                "--port",
                "0")) {
            address(demo);
        }
    }
}
