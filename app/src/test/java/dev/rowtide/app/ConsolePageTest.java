package dev.rowtide.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigLoader;
import dev.rowtide.gateway.http.StaticFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsolePageTest {
    @TempDir
    Path directory;

    private AppConfig config(String... lines) throws Exception {
        Path file = Files.writeString(
                directory.resolve("rowtide.yaml"), "database: sqlite:a.db\n" + String.join("\n", lines));
        return new ConfigLoader(Map.of()).load(file, Map.of());
    }

    private static String text(StaticFile file) {
        return new String(file.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void theJarHasAllOfIt() throws Exception {
        List<StaticFile> files = ConsolePage.files(config());

        assertThat(files).extracting(StaticFile::path).containsExactly("/", "/console.js", "/console.css");
        assertThat(text(files.get(0))).contains("console.js", "console.css", "content=\"/realtime\"");
        assertThat(files).allSatisfy(file -> assertThat(file.bytes()).hasSizeGreaterThan(500));
    }

    @Test
    void thePageIsToldThePathOfTheWebSocket() throws Exception {
        assertThat(text(ConsolePage.files(config("path: /live/changes")).get(0)))
                .contains("name=\"rowtide-path\" content=\"/live/changes\"");
    }

    @Test
    void itIsThereWhereSomebodyCanUseIt() throws Exception {
        String user = "    - {token: a, user-id: ann}";
        String service = "    - {token: s, user-id: backend, service: true}";

        assertThat(ConsolePage.isServed(config())).isTrue();
        assertThat(ConsolePage.isServed(config("console: false"))).isFalse();
        assertThat(ConsolePage.files(config("console: false"))).isEmpty();
        assertThat(ConsolePage.isServed(config("auth:", "  mode: tokens", "  tokens:", user)))
                .isFalse();
        assertThat(ConsolePage.isServed(config("auth:", "  mode: tokens", "  tokens:", user, service)))
                .isTrue();
    }
}
