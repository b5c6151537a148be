package dev.rowtide.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Ways to load a configuration in a test. */
final class ConfigFixture {
    static final String DATABASE = "postgres://ann:secret@db.example.com:5433/shop";

    private ConfigFixture() {}

    static Path write(Path directory, String yaml) throws IOException {
        return Files.writeString(directory.resolve("rowtide.yaml"), yaml);
    }

    /** What a file alone gives. */
    static AppConfig load(Path file) throws ConfigException {
        return new ConfigLoader(Map.of()).load(file, Map.of());
    }

    /** The problems of a file, each as {@code line: key: sentence}. */
    static List<String> problems(Path directory, String yaml, Map<String, String> environment) throws IOException {
        Path file = write(directory, yaml);
        try {
            new ConfigLoader(environment).load(file, Map.of());
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream()
                    .map(problem -> problem.toString().replace(file.toString(), "file"))
                    .toList();
        }
    }

    static List<String> problems(Path directory, String... lines) throws IOException {
        return problems(directory, String.join("\n", lines), Map.of("ROWTIDE_DATABASE", DATABASE));
    }

    /** The options that stand in the documentation's or the sample's order. */
    static Stream<Option<?>> options() {
        return Options.ALL.stream();
    }
}
