package dev.rowtide.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the log has been delivered, on the disk: the end of the last transaction whose changes were all published.
 *
 * <p>JSON, for example {@code {"format":1,"epoch":"mvx3k2p1a7f3c","offset":{"lsn":24034048,"lsn_commit":24034048}}}. It is bound to
 * an epoch: an offset of another database must not be believed. A file that cannot be read counts as none, which loses nothing: what the slot, or SQLite's state directory, itself
 * goes on from is never ahead of it.
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
     * An offset that was marked at a transaction's end.
     *
     * @param epoch the epoch that it belongs to
     * @param fields what the connector gets back: texts and longs, in the form of its {@link OffsetForm}
     */
    public record Offset(String epoch, Map<String, Object> fields) {
        public Offset {
            fields = Map.copyOf(fields);
        }

        /** The value as Kafka Connect's converter stores and reads it. */
        public byte[] toConnectJson() {
            ObjectNode json = JSON.createObjectNode();
            putFields(json);
            json.put(OffsetForm.EPOCH, epoch);
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }

        /**
         * Reads {@link #toConnectJson}.
         *
         * @param names the fields that it must have, and no others, beside the epoch
         * @throws IllegalStateException if it is anything else: what was not marked at a transaction's end would lose rows
         */
        public static Offset fromConnectJson(byte[] json, Set<String> names) {
            try {
                JsonNode node = JSON.readTree(json);
                JsonNode epoch = node.path(OffsetForm.EPOCH);
                Map<String, Object> fields = fields(node);
                fields.remove(OffsetForm.EPOCH);
                if (!epoch.isTextual() || !fields.keySet().equals(names)) {
                    throw new IllegalStateException(
                            "an offset that was not marked at a transaction's end would be stored: " + node);
                }
                return new Offset(epoch.asText(), fields);
            } catch (IOException e) {
                throw new IllegalStateException("the offset to be stored is not JSON", e);
            }
        }

        /** What {@code markProcessed} has to be given for the END record of a transaction. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = new HashMap<>(fields);
            map.put(OffsetForm.EPOCH, epoch);
            return map;
        }

        /** Sorted, so that equal offsets are equal bytes. */
        private void putFields(ObjectNode json) {
            new TreeMap<>(fields).forEach((name, value) -> json.putPOJO(name, value));
        }

        /** The fields that are whole numbers or texts; others are no part of any offset of ours. */
        private static Map<String, Object> fields(JsonNode node) {
            Map<String, Object> fields = new HashMap<>();
            node.properties().forEach(field -> {
                JsonNode value = field.getValue();
                if (value.isIntegralNumber()) {
                    fields.put(field.getKey(), value.asLong());
                } else if (value.isTextual()) {
                    fields.put(field.getKey(), value.asText());
                }
            });
            return fields;
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
                    "The offset file {} cannot be read ({}): going on from the place that the log itself is kept from, nothing is lost",
                    path,
                    e.toString());
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(bytes);
            JsonNode offset = node.path("offset");
            if (node.path("format").asInt() == FORMAT
                    && offset.isObject()
                    && node.path("epoch").isTextual()) {
                return Optional.of(new Offset(node.get("epoch").asText(), Offset.fields(offset)));
            }
        } catch (JsonProcessingException e) {
            LOG.debug("Offset file {}", path, e);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        LOG.warn(
                "The offset file {} ({} bytes) is torn or of another format: going on from the place that the log itself is kept from, nothing is lost",
                path,
                bytes.length);
        return Optional.empty();
    }

    /** Stores an offset; when it returns, it survives a power cut. */
    public void write(Offset offset) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT);
        json.put("epoch", offset.epoch());
        offset.putFields(json.putObject("offset"));
        DurableFile.replace(path, json.toString() + '\n');
    }

    /** Forgets it. */
    public void delete() {
        DurableFile.delete(path);
    }
}
