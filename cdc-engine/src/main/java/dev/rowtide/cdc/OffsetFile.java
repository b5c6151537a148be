package dev.rowtide.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the log has been delivered, on the disk: the end of the last transaction whose changes were all published.
 *
 * <p>JSON, for example {@code {"format":1,"epoch":"mvx3k2p1a7f3c","offset":{"lsn":24034048,"lsn_commit":24034048}}}. It is bound to
 * an epoch: an offset of another database must not be believed. A file that cannot be read counts as none, which loses nothing: the slot's own position is never
 * ahead of it.
 *
 * <p>Not thread-safe: one engine at a time writes it, the supervisor only while no engine runs.
 */
public final class OffsetFile {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetFile.class);
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;

    public OffsetFile(Path path) {
        this.path = path;
    }

    /**
     * The reduced form of a Debezium offset: {@code lsn} and {@code lsn_commit} are both the end of a transaction, and {@code lsn_proc} is
     * left out. With {@code lsn_proc} Debezium searches the stream for where it stopped, by LSN, and loses rows; without it, it starts
     * at {@code lsn}, and the server sends each transaction that was committed after it, whole.
     *
     * @param epoch the epoch that it belongs to
     * @param commitLsn end LSN of the last transaction that was delivered, unsigned
     */
    public record Offset(String epoch, long commitLsn) {
        private static final String EPOCH = "rowtide_epoch";

        /** The value as Kafka Connect's converter stores and reads it. */
        public byte[] toConnectJson() {
            ObjectNode json = JSON.createObjectNode();
            json.put("lsn", commitLsn);
            json.put("lsn_commit", commitLsn);
            json.put(EPOCH, epoch);
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }

        /** @throws IllegalStateException if it is not the reduced form: storing another one would lose rows */
        public static Offset fromConnectJson(byte[] json) {
            try {
                JsonNode node = JSON.readTree(json);
                if (node.has("lsn_proc")
                        || !node.path("lsn_commit").isIntegralNumber()
                        || !node.path(EPOCH).isTextual()) {
                    throw new IllegalStateException(
                            "an offset that was not marked at a transaction's end would be stored: " + node);
                }
                return new Offset(
                        node.get(EPOCH).asText(), node.get("lsn_commit").asLong());
            } catch (IOException e) {
                throw new IllegalStateException("the offset to be stored is not JSON", e);
            }
        }

        /** What {@code markProcessed} has to be given for the END record of a transaction. */
        public Map<String, Object> toMap() {
            return Map.of("lsn", commitLsn, "lsn_commit", commitLsn, EPOCH, epoch);
        }
    }

    /** The stored offset; nothing if there is no file, or none that can be read (logged). */
    public Optional<Offset> read() {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (java.nio.file.NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn(
                    "The offset file {} cannot be read ({}): going on from the slot's own position, nothing is lost",
                    path,
                    e.toString());
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(bytes);
            JsonNode commit = node.path("offset").path("lsn_commit");
            if (node.path("format").asInt() == FORMAT
                    && commit.isIntegralNumber()
                    && node.path("epoch").isTextual()) {
                return Optional.of(new Offset(node.get("epoch").asText(), commit.asLong()));
            }
        } catch (JsonProcessingException e) {
            LOG.debug("Offset file {}", path, e);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        LOG.warn(
                "The offset file {} ({} bytes) is torn or of another format: going on from the slot's own position, nothing is lost",
                path,
                bytes.length);
        return Optional.empty();
    }

    /** Stores an offset; when it returns, it survives a power cut. */
    public void write(Offset offset) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT);
        json.put("epoch", offset.epoch());
        json.putObject("offset").put("lsn", offset.commitLsn()).put("lsn_commit", offset.commitLsn());
        DurableFile.replace(path, json.toString() + '\n');
    }

    /** Forgets it. */
    public void delete() {
        DurableFile.delete(path);
    }
}
