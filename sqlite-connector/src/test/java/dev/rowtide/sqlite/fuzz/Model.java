package dev.rowtide.sqlite.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The database as a strict consumer of events has it. An event that does not fit what came before is an error: a create of a row that is there, a change of one that is not, a before
 * image that is not what the row was.
 */
final class Model {
    static final String WITHOUT_KEY = "v|";

    private final TreeMap<String, Table> tables = new TreeMap<>();
    private final List<JsonNode> schemaChanges = new ArrayList<>();

    /** An event that contradicts the ones before it. */
    static final class Contradiction extends RuntimeException {
        Contradiction(String message) {
            super(message);
        }
    }

    record Row(String[] values) {
        @Override
        public String toString() {
            return TableDigest.row(values);
        }
    }

    /** A table and its rows. */
    static final class Table {
        final String name;
        final boolean withoutRowid;
        final int alias;
        final List<String> columns = new ArrayList<>();
        final List<String> defaults = new ArrayList<>();
        /** What each column is beside its name and its default. */
        final List<String> kinds = new ArrayList<>();

        final List<Integer> key = new ArrayList<>();
        /** By key. More than one where rows have none, or where they had another one when the table was defined otherwise. */
        private final Map<String, List<Row>> rows = new HashMap<>();

        final TableDigest digest;

        Table(JsonNode definition) {
            name = definition.get("name").asText();
            withoutRowid = definition.get("withoutRowid").asBoolean();
            alias = definition.get("alias").asInt();
            definition.get("key").forEach(part -> key.add(part.asInt()));
            for (JsonNode column : definition.get("columns")) {
                columns.add(column.get("name").asText());
                defaults.add(column.get("default").asText());
                kinds.add(column.get("kind").asText());
            }
            digest = new TableDigest(columns);
        }

        /** Names a row: by its declared key; by all its values if there is none, or a part of it is NULL, which makes it no key. */
        String keyOf(String[] values) {
            var text = new StringBuilder("k");
            for (int part : key) {
                text.append('|').append(values[part]);
                if (values[part].equals(ValueText.NULL)) {
                    return WITHOUT_KEY + String.join("|", values);
                }
            }
            return key.isEmpty() ? WITHOUT_KEY + String.join("|", values) : text.toString();
        }

        /** A row of that key and those values, or any of that key, or null. */
        Row get(String rowKey, String[] values) {
            List<Row> candidates = rows.getOrDefault(rowKey, List.of());
            for (Row row : candidates) {
                if (Arrays.equals(row.values, values)) {
                    return row;
                }
            }
            return candidates.isEmpty() ? null : candidates.get(0);
        }

        boolean isTaken(String rowKey) {
            return !rowKey.startsWith(WITHOUT_KEY) && rows.containsKey(rowKey);
        }

        void put(Row row) {
            rows.computeIfAbsent(keyOf(row.values), none -> new ArrayList<>(1)).add(row);
            digest.add(row.toString());
        }

        void remove(String rowKey, Row row) {
            List<Row> equal = rows.get(rowKey);
            equal.remove(row);
            if (equal.isEmpty()) {
                rows.remove(rowKey);
            }
            digest.remove(row.toString());
        }

        List<Row> allRows() {
            return rows.values().stream().flatMap(List::stream).toList();
        }

        /** Takes over another definition's rows: columns of the same name, or renamed in place; new ones have their default. */
        void takeRows(Table other) {
            int[] from = sources(other);
            for (Row row : other.allRows()) {
                String[] values = new String[from.length];
                for (int i = 0; i < from.length; i++) {
                    values[i] = from[i] < 0 ? defaults.get(i) : row.values()[from[i]];
                }
                put(new Row(values));
            }
        }

        /** By name; or, if all old columns stand where they stood, the one whose name is gone was renamed. */
        private int[] sources(Table other) {
            int[] byName = new int[columns.size()];
            for (int i = 0; i < byName.length; i++) {
                byName[i] = index(other.columns, columns.get(i));
            }
            int[] renamed = byName.clone();
            for (int i = 0; i < other.columns.size(); i++) {
                if (i >= columns.size()) {
                    return byName;
                }
                if (renamed[i] < 0
                        && kinds.get(i).equals(other.kinds.get(i))
                        && defaults.get(i).equals(other.defaults.get(i))) {
                    renamed[i] = i;
                }
                if (renamed[i] != i) {
                    return byName;
                }
            }
            return renamed;
        }

        private static int index(List<String> names, String name) {
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).equalsIgnoreCase(name)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** Forgets everything; a snapshot follows. */
    void clear() {
        tables.clear();
        schemaChanges.clear();
    }

    void snapshotTable(JsonNode definition) {
        var table = new Table(definition);
        tables.put(table.name, table);
    }

    void snapshotRow(JsonNode event) {
        Table table = tables.get(event.get("table").asText());
        if (table == null) {
            throw new Contradiction("a row of a table that was not announced");
        }
        Row row = row(event, "after");
        String key = table.keyOf(row.values);
        if (table.isTaken(key)) {
            throw new Contradiction("the snapshot has two rows " + key);
        }
        table.put(row);
    }

    void begin() {
        schemaChanges.clear();
    }

    void schema(JsonNode event) {
        schemaChanges.add(event);
    }

    /** Schema changes of one transaction are one step: tables may swap their names. */
    private void applySchemaChanges() {
        var arriving = new ArrayList<Table>();
        for (JsonNode change : schemaChanges) {
            Table before = null;
            if (!change.get("before").isNull()) {
                String name = change.get("before").get("name").asText();
                before = tables.remove(name);
                if (before == null) {
                    throw new Contradiction("schema change of table " + name + ", which is not there");
                }
                if (!before.columns.equals(new Table(change.get("before")).columns)) {
                    throw new Contradiction("schema change of table " + name + " with the columns " + before.columns);
                }
            }
            if (change.get("after").isNull()) {
                if (before == null) {
                    throw new Contradiction("a schema change of nothing to nothing");
                }
                // Its rows are gone with it, and not deleted one by one.
            } else {
                var after = new Table(change.get("after"));
                if (before != null) {
                    after.takeRows(before);
                }
                arriving.add(after);
            }
        }
        schemaChanges.clear();
        for (Table table : arriving) {
            if (tables.put(table.name, table) != null) {
                throw new Contradiction("table " + table.name + " is created, and is there already");
            }
        }
    }

    /** Applies the schema changes that came before the first row. */
    void prepareRows() {
        applySchemaChanges();
    }

    void row(JsonNode event) {
        Table table = table(event);
        Row before = event.has("before") ? row(event, "before") : null;
        Row after = event.has("after") ? row(event, "after") : null;
        String kind = event.get("kind").asText();
        boolean fits = switch (kind) {
            case "CREATE" -> before == null && after != null;
            case "UPDATE" -> before != null && after != null;
            case "DELETE" -> before != null && after == null;
            default -> false;
        };
        if (!fits) {
            throw new Contradiction("kind and images do not fit");
        }
        for (Row image : Arrays.asList(before, after)) {
            if (image != null && image.values.length != table.columns.size()) {
                throw new Contradiction("the table has the columns " + table.columns + ", the image "
                        + image.values.length + " values");
            }
        }
        if (before != null) {
            String key = table.keyOf(before.values);
            Row known = table.get(key, before.values);
            if (known == null) {
                throw new Contradiction(kind + " of a row that is not there: " + key);
            }
            if (!Arrays.equals(known.values, before.values)) {
                throw new Contradiction("the before image is not what the row was: " + known);
            }
            if (after != null && Arrays.equals(before.values, after.values)) {
                throw new Contradiction("an update that changes nothing");
            }
            table.remove(key, known);
        }
        if (after != null) {
            String key = table.keyOf(after.values);
            if (table.isTaken(key)) {
                throw new Contradiction(kind + " to a key that is there: " + table.get(key, after.values));
            }
            if (table.withoutRowid == event.has("rowid")) {
                throw new Contradiction("a rowid where there is none, or none where there is one");
            }
            if (table.alias >= 0
                    && !after.values[table.alias].equals(
                            ValueText.integer(event.get("rowid").asLong()))) {
                throw new Contradiction("the column that is the rowid is not the rowid");
            }
            table.put(after);
        }
    }

    Table table(JsonNode event) {
        String name = event.get("table").asText();
        Table table = tables.get(name);
        if (table == null) {
            throw new Contradiction("a row of a table that is not there");
        }
        return table;
    }

    void end() {
        applySchemaChanges();
    }

    private static Row row(JsonNode event, String image) {
        JsonNode list = event.get(image);
        String[] values = new String[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asText();
        }
        return new Row(values);
    }

    /** The state in the same words as a writer's: a line a table. */
    Map<String, String> digests() {
        var all = new TreeMap<String, String>();
        tables.forEach((name, table) -> all.put(name, table.digest.toString()));
        return all;
    }

    /** The rows of a table, sorted, for an explanation. */
    List<String> rows(String name) {
        var all = new ArrayList<String>();
        if (tables.containsKey(name)) {
            tables.get(name).allRows().forEach(row -> all.add(row.toString()));
        }
        all.sort(null);
        return all;
    }

    Map<String, Table> tables() {
        return tables;
    }
}
