package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A file of {@code rows/}: lines of SQL, each followed by the events that must come out of the log, as {@code -> {json}}. Those in {@code both} run on each database, those in a folder of its
 * name on one.
 *
 * <p>What an expectation names must be equal, as JSON trees; what it does not name is not looked at. {@code channel} is the record channel.
 *
 * @param before the statements that make tables, to be run before the start
 * @param after everything else, to be run while the log is read
 */
record RowFixture(List<String> before, List<String> after, List<JsonNode> expected) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    /** The files in these folders of {@code rows}. */
    static Stream<Path> files(String... folders) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> found =
                    Files.list(Path.of("src/test/resources/rows").resolve(folder))) {
                files.addAll(found.filter(path -> path.toString().endsWith(".sql"))
                        .sorted()
                        .toList());
            }
        }
        assertThat(files).isNotEmpty();
        return files.stream();
    }

    static RowFixture read(Path file) throws IOException {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        List<JsonNode> expected = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("-> ")) {
                expected.add(JSON.readTree(line.substring(3)));
            } else if (line.startsWith("CREATE TABLE") && !line.contains("PARTITION OF")) {
                before.add(line);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                after.add(line);
            }
        }
        return new RowFixture(before, after, expected);
    }

    void requireEqual(List<DataChangeEvent> events) {
        assertThat(events).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            ObjectNode actual = json(events.get(i));
            expected.get(i)
                    .properties()
                    .forEach(field -> assertThat(JsonTreeText.of(actual.path(field.getKey())))
                            .as("%s of %s", field.getKey(), actual)
                            .isEqualTo(JsonTreeText.of(field.getValue())));
        }
    }

    private static ObjectNode json(DataChangeEvent event) {
        try {
            ObjectNode json = JSON.createObjectNode();
            json.put("resource", event.resource());
            json.put("operation", event.operation().wireName());
            json.set(
                    "id",
                    event.id() == null
                            ? JSON.nullNode()
                            : JSON.readTree(event.id().json()));
            if (event.id() != null) {
                json.put(
                        "channel",
                        Channel.recordName(event.resource(), event.id().text()));
            }
            if (event.data() != null) {
                json.set("data", json(event.data()));
            }
            if (event.old() != null) {
                json.set("old", json(event.old()));
            }
            if (event.changed() != null) {
                json.set("changed", JSON.valueToTree(event.changed()));
            }
            json.set("unchanged", JSON.valueToTree(event.unchanged()));
            return json;
        } catch (IOException e) {
            throw new AssertionError(event + " is not JSON", e);
        }
    }

    private static ObjectNode json(Row row) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        for (String column : row.shape().columns()) {
            String value = row.json(column);
            if (value != null) {
                json.set(column, JSON.readTree(Objects.requireNonNull(value)));
            }
        }
        return json;
    }

    /** JSON with keys sorted and numbers as their plain decimal text, so that trees compare as text. */
    private static final class JsonTreeText {
        static String of(JsonNode node) {
            if (node.isObject()) {
                List<String> fields = new ArrayList<>();
                node.properties().forEach(field -> fields.add('"' + field.getKey() + "\":" + of(field.getValue())));
                return fields.stream().sorted().toList().toString();
            }
            if (node.isArray()) {
                List<String> elements = new ArrayList<>();
                node.forEach(element -> elements.add(of(element)));
                return elements.toString();
            }
            return node.isNumber() ? node.decimalValue().stripTrailingZeros().toPlainString() : node.toString();
        }
    }
}
