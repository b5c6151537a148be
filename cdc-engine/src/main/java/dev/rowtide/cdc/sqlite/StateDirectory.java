package dev.rowtide.cdc.sqlite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which the connector keeps its copy of the database. It is the connector's; here is only read what it is a copy of and how far, and it is emptied when another epoch begins. While
 * the connector does not run.
 */
final class StateDirectory {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String META = "shadow.meta";

    private final Path path;

    StateDirectory(Path path) {
        this.path = path;
    }

    /**
     * What the copy is.
     *
     * @param id its name: the epoch that it was made for
     * @param seq the last commit that it has, or is being brought to: never beyond what was delivered
     */
    record Copy(String id, long seq) {}

    Path path() {
        return path;
    }

    /** The copy; nothing if there is none that was finished, or what says so cannot be read. */
    Optional<Copy> read() {
        try {
            JsonNode meta = JSON.readTree(Files.readAllBytes(path.resolve(META)));
            if (meta.path("id").isTextual()
                    && meta.path("seq").isIntegralNumber()
                    && meta.path("target").isIntegralNumber()) {
                // A crash while the copy was being brought from seq to target is mended by bringing it to target.
                return Optional.of(new Copy(
                        meta.get("id").asText(),
                        Math.max(meta.get("seq").asLong(), meta.get("target").asLong())));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // As good as none: what it was a copy of is not known.
        }
        return Optional.empty();
    }

    /** Deletes what is in it, and leaves the directory itself, which may be a link to another disk. */
    void empty() {
        if (!Files.isDirectory(path)) {
            return;
        }
        try {
            Path root = path.toRealPath();
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    if (!directory.equals(root)) {
                        Files.delete(directory);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the state directory " + path + " cannot be emptied: " + e, e);
        }
    }
}
