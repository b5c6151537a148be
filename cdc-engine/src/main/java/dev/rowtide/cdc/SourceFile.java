package dev.rowtide.cdc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.feed.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which database the positions given so far belong to, on the disk. Written once an epoch, so that a torn offset file does not take the epoch with
 * it.
 *
 * <p>Not thread-safe: the supervisor's.
 */
public final class SourceFile {
    private static final Logger LOG = LoggerFactory.getLogger(SourceFile.class);
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;

    public SourceFile(Path path) {
        this.path = path;
    }

    /**
     * An epoch and what it was begun on.
     *
     * @param lineage what must stay the same for the epoch to stay the same, by name
     */
    public record Lineage(Epoch epoch, Map<String, String> lineage) {
        public Lineage {
            lineage = Map.copyOf(lineage);
        }
    }

    /** What is stored; nothing if there is no file, or none that can be read (logged: a new epoch follows). */
    public Optional<Lineage> read() {
        try {
            JsonNode node = JSON.readTree(Files.readAllBytes(path));
            if (node.path("format").asInt() == FORMAT) {
                Map<String, String> lineage = new TreeMap<>();
                node.path("lineage")
                        .properties()
                        .forEach(field ->
                                lineage.put(field.getKey(), field.getValue().asText()));
                return Optional.of(new Lineage(new Epoch(node.path("epoch").asText()), lineage));
            }
            LOG.error("{} has format {}, this version reads {}: a new epoch begins", path, node.path("format"), FORMAT);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.error("{} cannot be read ({}): a new epoch begins", path, e.getMessage());
        }
        return Optional.empty();
    }

    /** Stores; when it returns, it survives a power cut. */
    public void write(Lineage lineage) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT);
        json.put("epoch", lineage.epoch().text());
        ObjectNode fields = json.putObject("lineage");
        new TreeMap<>(lineage.lineage()).forEach(fields::put);
        DurableFile.replace(path, json.toString() + '\n');
    }

    /** Forgets it. */
    public void delete() {
        DurableFile.delete(path);
    }
}
