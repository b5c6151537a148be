package dev.rowtide.app;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project lies. */
public final class TestProject {
    private TestProject() {}

    /** The directory of mvnw, config/ and docs/. */
    public static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("mvnw"))) {
            directory = directory.getParent();
        }
        return directory;
    }
}
