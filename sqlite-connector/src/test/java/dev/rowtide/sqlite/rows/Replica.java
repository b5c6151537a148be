package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.format.StoredValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A strict consumer: what it is told to change or delete must be there as told, what it is told to create must not. */
final class Replica implements ChangeHandler {
    private static final class Table {
        TableDefinition definition;
        /** Rows by declared key; those without one under the whole row, as often as they occur. */
        final Map<String, List<StoredValue[]>> rows = new HashMap<>();
    }

    private final Map<String, Table> tables = new TreeMap<>();
    private final List<String> events = new ArrayList<>();
    private final Set<String> rekeyed = new HashSet<>();

    /** What came since the last call. */
    List<String> takeEvents() {
        List<String> taken = List.copyOf(events);
        events.clear();
        rekeyed.clear();
        return taken;
    }

    @Override
    public void schema(SchemaChange change) {
        assertThat(events.isEmpty() || !last().startsWith("row "))
                .as("schema changes come first")
                .isTrue();
        TableDefinition before = change.before();
        TableDefinition after = change.after();
        events.add("schema " + (before == null ? "-" : before.name()) + " " + (after == null ? "-" : after.name()));
        Table table = new Table();
        if (before != null) {
            table = tables.remove(Schema.asciiLowerCase(before.name()));
            assertThat(table).as("%s is known", before.name()).isNotNull();
        }
        if (after != null) {
            List<StoredValue[]> rows =
                    table.rows.values().stream().flatMap(List::stream).toList();
            table.rows.clear();
            table.definition = after;
            for (StoredValue[] row : rows) {
                StoredValue[] mapped = ColumnMapping.of(before, after).apply(row);
                table.rows
                        .computeIfAbsent(key(after, mapped), k -> new ArrayList<>())
                        .add(mapped);
            }
            if (before != null && !ColumnMapping.of(before, after).samePrimaryKey()) {
                rekeyed.add(after.name());
            }
            assertThat(tables.put(Schema.asciiLowerCase(after.name()), table))
                    .as("%s is new", after.name())
                    .isNull();
        }
    }

    @Override
    public void row(RowChange change) {
        TableDefinition definition = change.table();
        events.add("row " + definition.name() + " " + change.kind() + " "
                + (change.rowid().isPresent() ? change.rowid().getAsLong() : "-") + " " + text(change.before()) + " -> "
                + text(change.after()));
        Table table = tables.get(Schema.asciiLowerCase(definition.name()));
        assertThat(table).as("%s is known", definition.name()).isNotNull();
        assertThat(change.before() == null)
                .isEqualTo(change.kind() == RowChange.Kind.CREATE || change.kind() == RowChange.Kind.READ);
        assertThat(change.after() == null).isEqualTo(change.kind() == RowChange.Kind.DELETE);
        if (change.kind() == RowChange.Kind.UPDATE) {
            assertThat(text(change.before())).isNotEqualTo(text(change.after()));
            if (!rekeyed.contains(definition.name()) && hasKey(definition, change.after())) {
                assertThat(key(definition, change.before()))
                        .as("an update leaves the key: %s", last())
                        .isEqualTo(key(definition, change.after()));
            }
        }
        if (change.before() != null) {
            List<StoredValue[]> rows = table.rows.getOrDefault(key(definition, change.before()), List.of());
            StoredValue[] found = rows.stream()
                    .filter(row -> Arrays.equals(row, change.before()))
                    .findFirst()
                    .orElse(null);
            assertThat(found)
                    .as(
                            "the row before is there: %s; there is %s",
                            last(), rows.stream().map(Replica::text).toList())
                    .isNotNull();
            rows.remove(found);
        }
        if (change.after() != null) {
            List<StoredValue[]> rows =
                    table.rows.computeIfAbsent(key(definition, change.after()), k -> new ArrayList<>());
            if (hasKey(definition, change.after()) && !rekeyed.contains(definition.name())) {
                assertThat(rows.stream().map(Replica::text).toList())
                        .as("the key is free: %s", last())
                        .isEmpty();
            }
            rows.add(change.after());
        }
    }

    /** All rows of all tables, sorted. */
    Map<String, List<String>> content() {
        Map<String, List<String>> content = new TreeMap<>();
        tables.values()
                .forEach(table -> content.put(
                        table.definition.name(),
                        table.rows.values().stream()
                                .flatMap(List::stream)
                                .map(Replica::text)
                                .sorted()
                                .toList()));
        return content;
    }

    private String last() {
        return events.get(events.size() - 1);
    }

    private static boolean hasKey(TableDefinition table, StoredValue[] row) {
        return !table.primaryKey().isEmpty()
                && table.primaryKey().stream().noneMatch(column -> row[column].equals(StoredValue.NULL));
    }

    private static String key(TableDefinition table, StoredValue[] row) {
        if (!hasKey(table, row)) {
            return text(row);
        }
        return text(table.primaryKey().stream().map(column -> row[column]).toArray(StoredValue[]::new));
    }

    static String text(StoredValue[] row) {
        if (row == null) {
            return "-";
        }
        StringBuilder text = new StringBuilder("[");
        for (StoredValue value : row) {
            text.append(text.length() == 1 ? "" : ", ").append(text(value));
        }
        return text.append(']').toString();
    }

    private static String text(StoredValue value) {
        if (value instanceof StoredValue.Int number) {
            return Long.toString(number.value());
        } else if (value instanceof StoredValue.Real number) {
            return "r" + number.value();
        } else if (value instanceof StoredValue.Text text) {
            return "t" + bytes(text.bytes());
        } else if (value instanceof StoredValue.Blob blob) {
            return "x" + bytes(blob.bytes());
        }
        return "NULL";
    }

    /** Long ones by their length and hash, so that a failure stays readable. */
    private static String bytes(byte[] bytes) {
        if (bytes.length > 40) {
            return bytes.length + "#" + Arrays.hashCode(bytes);
        }
        StringBuilder text = new StringBuilder("'");
        for (byte b : bytes) {
            text.append(b >= 32 && b < 127 ? String.valueOf((char) b) : String.format("\\%02x", b));
        }
        return text.append('\'').toString();
    }
}
