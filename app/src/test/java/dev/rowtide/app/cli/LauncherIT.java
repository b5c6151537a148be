package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.app.TestProject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher and the jar, as they are started from a checkout; runs after the jar was built. */
@EnabledOnOs(OS.LINUX)
class LauncherIT {
    @TempDir
    Path directory;

    private Path launcher;

    /** A copy with the jar and without the sources, so that no test builds. */
    @BeforeEach
    void install() throws IOException {
        Path home = Files.createDirectories(directory.resolve("home with blanks"));
        Path target = Files.createDirectories(home.resolve("app/target"));
        Files.createLink(target.resolve("rowtide.jar"), TestProject.root().resolve("app/target/rowtide.jar"));
        launcher = home.resolve("rowtide");
        Files.copy(TestProject.root().resolve("rowtide"), launcher, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    }

    private RowtideProcess launch(Path command, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(command.toString()));
        all.addAll(List.of(arguments));
        return RowtideProcess.start(directory, environment, all);
    }

    @Test
    void itRunsFromAnywhereAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("home with blanks/rowtide"));

        try (RowtideProcess process = launch(link, Map.of(), "version")) {
            assertThat(process.exitCode()).isZero();
            process.outLine("rowtide ");
        }
    }

    @Test
    void noProcessShowsThePasswordAndTheDataLiesWhereTheUserIs() throws Exception {
        try (RowtideProcess process = launch(
                launcher,
                Map.of(),
                "serve",
                "--port",
                "0",
                "--database",
                "postgres://ann:hidden-password@127.0.0.1:1/shop")) {
            process.errLine("nothing listens at 127.0.0.1:1");
            process.outLine("postgres://ann@127.0.0.1:1/shop");

            // The launcher became Java, so the pid is the same.
            String title = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.UTF_8);

            assertThat(title)
                    .contains("dev.rowtide.app.cli.Main", "serve", "--port")
                    .doesNotContain("hidden-password");
            assertThat(directory.resolve(".rowtide")).isDirectory();
            process.terminate();
            assertThat(process.exitCode()).isZero();
            assertThat(process.toString()).doesNotContain("hidden-password");
        }
    }

    @Test
    void aTokenIsTakenOutOfTheArgumentsToo() throws Exception {
        try (RowtideProcess process = launch(
                launcher, Map.of(), "tail", "room", "--token", "hidden-token", "--url=ws://127.0.0.1:1/realtime")) {
            process.errLine("cannot connect");

            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.UTF_8))
                    .contains("tail\0room\0--url=ws://127.0.0.1:1/realtime")
                    .doesNotContain("hidden-token");
        }
    }

    @Test
    void javaThatIsTooOldOrMissingIsSaidInASentence() throws Exception {
        Path old = Files.createDirectories(directory.resolve("old/bin"));
        Files.writeString(directory.resolve("old/release"), "JAVA_VERSION=\"11.0.20\"\n");
        Files.createSymbolicLink(old.resolve("java"), Path.of("/bin/true"));

        try (RowtideProcess process =
                launch(launcher, Map.of("JAVA_HOME", directory.resolve("old").toString()), "version")) {
            assertThat(process.exitCode()).isEqualTo(1);
            process.errLine("Java 17 or newer is needed");
        }
        try (RowtideProcess process =
                launch(launcher, Map.of("JAVA_HOME", directory.resolve("gone").toString()), "version")) {
            assertThat(process.exitCode()).isEqualTo(1);
            process.errLine("there is no bin/java in it");
        }
    }

    @Test
    void jarsOfTheUsersAreOnTheClassPath() throws Exception {
        try (RowtideProcess process = launch(
                launcher,
                Map.of("ROWTIDE_CLASSPATH", "/nowhere/authenticator.jar", "ROWTIDE_JAVA_OPTS", "-Xmx99m"),
                "tail",
                "room",
                "--url=ws://127.0.0.1:1/realtime")) {
            process.errLine("cannot connect");

            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.UTF_8))
                    .contains("rowtide.jar:/nowhere/authenticator.jar", "-Xmx99m");
        }
    }

    @Test
    void theLinesToPasteBeginAsItWasCalled() throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        try (RowtideProcess process = launch(
                launcher, Map.of("TMPDIR", temporary.toString(), "ROWTIDE_JAVA_OPTS", "-Xmx99m"), "demo", "--port=0")) {
            assertThat(process.outLine("tail ")).startsWith("  '" + launcher + "' tail --url ws://127.0.0.1:");
            assertThat(temporary).isNotEmptyDirectory();

            process.terminate();

            assertThat(process.exitCode()).isZero();
            assertThat(temporary).isEmptyDirectory();
        }
    }
}
