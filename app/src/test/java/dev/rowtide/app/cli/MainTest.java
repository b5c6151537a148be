package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands answer before they do anything. */
class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private int run(Map<String, String> environment, String... arguments) {
        return Main.run(List.of(arguments), environment, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "serve", "tail", "doctor", "types", "drop-slot", "sql"})
    void everyCommandHasHelpWithExamplesAndExitCodes(String command) {
        assertThat(run(Map.of(), command, "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: rowtide " + command, "Examples:", "Exit codes:", "rowtide " + command);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theHelpListsAllCommands() {
        assertThat(run(Map.of(), "--help")).isZero();
        assertThat(out.toString()).contains("demo", "serve", "tail", "doctor", "types", "drop-slot", "sql", "version");
    }

    @Test
    void theVersionIsTheProjects() {
        assertThat(run(Map.of(), "version")).isZero();
        assertThat(out.toString()).matches("(?s)rowtide \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\R");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sreve", "tail", "serve --nonsense"})
    void aCommandLineThatMakesNoSenseIsExplained(String line) {
        assertThat(run(Map.of(), line.isEmpty() ? new String[0] : line.split(" ")))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("rowtide: ").contains("--help");
    }

    @Test
    void aWrongConfigurationIsListedWholeAndNothingStarts() throws IOException {
        Path file = Files.writeString(directory.resolve("rowtide.yaml"), "prot: 1\nlimits: {message-burst: none}\n");

        assertThat(run(Map.of("ROWTIDE_HSOT", "x"), "serve", "--config", file.toString(), "--port", "70000"))
                .isEqualTo(2);
        assertThat(err.toString())
                .startsWith("rowtide: nothing was done, the configuration has 5 problems:\n")
                .contains("  " + file + ":1: prot: there is no such key. Did you mean 'port'?\n")
                .contains("  " + file + ":2: limits.message-burst: 'none' is not a whole number.")
                .contains("  environment ROWTIDE_HSOT: there is no such variable. Did you mean ROWTIDE_HOST?\n")
                .contains("  --port: port: '70000' is too large. Allowed: a whole number from 0 to 65535\n")
                .contains("  " + file + ": database: is missing.");
    }

    @Test
    void anAuthenticatorThatIsNotThereIsAMistake() throws IOException {
        Path file = Files.writeString(
                directory.resolve("rowtide.yaml"),
                "database: postgres://a@127.0.0.1:1/b\nport: 0\nauth: {mode: custom, authenticator: sessions}\n");

        assertThat(run(Map.of(), "serve", "--config", file.toString(), "--data-dir", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("rowtide: ").contains("authenticator");
    }

    @Test
    void aPortInUseIsAFailureThatNamesIt() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertThat(run(
                            Map.of("ROWTIDE_DATABASE", "postgres://a@127.0.0.1:1/b"),
                            "serve",
                            "--port",
                            port,
                            "--data-dir",
                            directory.toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("rowtide: cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void tailWantsAWebSocketAddress() {
        assertThat(run(Map.of(), "tail", "resource:posts", "--url", "http://127.0.0.1:3001"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("'http://127.0.0.1:3001' is not the address of a bridge");
    }

    @Test
    void dropSlotDoesNotDropWithoutBeingAsked() {
        assertThat(run(Map.of("ROWTIDE_DATABASE", "postgres://a@127.0.0.1:1/b"), "drop-slot"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--yes");
    }

    @Test
    void dropSlotSaysWhyItCannot() {
        assertThat(run(Map.of("ROWTIDE_DATABASE", "postgres://a@127.0.0.1:1/b"), "drop-slot", "--yes"))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("rowtide: ").contains("127.0.0.1:1");
    }
}
