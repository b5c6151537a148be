package dev.rowtide.sqlite.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What most consumers are: upserts and deletes by declared key (by rowid without one), without a look at before images. Whatever order the events have must be right for it.
 */
final class KeyedConsumer {
    /** Rows by key; of a table without a key, each list has the rows that are equal. */
    private final Map<String, Map<String, List<String>>> tables = new HashMap<>();

    /** Tables whose definition changed: what rows look like is told by the strict model. */
    private final List<JsonNode> schemaChanges = new ArrayList<>();

    void clear() {
        tables.clear();
    }

    void schema(JsonNode event) {
        schemaChanges.add(event);
    }

    /** A row as it stands after schema changes; {@code model} has mapped it already. */
    void mapped(Model model) {
        if (schemaChanges.isEmpty()) {
            return;
        }
        for (JsonNode change : schemaChanges) {
            if (!change.get("before").isNull()) {
                tables.remove(change.get("before").get("name").asText());
            }
        }
        for (JsonNode change : schemaChanges) {
            if (!change.get("after").isNull()) {
                String name = change.get("after").get("name").asText();
                if (model.tables().containsKey(name)) {
                    load(model.tables().get(name));
                }
            }
        }
        schemaChanges.clear();
    }

    private void load(Model.Table table) {
        var rows = new HashMap<String, List<String>>();
        table.allRows().forEach(row -> put(rows, table.keyOf(row.values()), row.toString()));
        tables.put(table.name, rows);
    }

    void loadAll(Model model) {
        tables.clear();
        model.tables().values().forEach(this::load);
    }

    void row(Model model, JsonNode event) {
        Model.Table table = model.table(event);
        Map<String, List<String>> rows = tables.computeIfAbsent(table.name, name -> new HashMap<>());
        String before = event.has("before") ? key(table, event, "before") : null;
        String after = event.has("after") ? key(table, event, "after") : null;
        if (before != null && !before.equals(after)) {
            List<String> equal = rows.get(before);
            if (equal == null || equal.size() == 1) {
                rows.remove(before);
            } else {
                equal.remove(equal.size() - 1);
            }
        }
        if (after != null && !(after.startsWith(Model.WITHOUT_KEY) && after.equals(before))) {
            put(rows, after, TableDigest.row(values(event.get("after"))));
        }
    }

    private static void put(Map<String, List<String>> rows, String key, String row) {
        if (key.startsWith(Model.WITHOUT_KEY)) {
            rows.computeIfAbsent(key, none -> new ArrayList<>()).add(row);
        } else {
            rows.put(key, new ArrayList<>(List.of(row)));
        }
    }

    private static String key(Model.Table table, JsonNode event, String image) {
        return table.keyOf(values(event.get(image)));
    }

    private static String[] values(JsonNode list) {
        String[] values = new String[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asText();
        }
        return values;
    }

    /** The rows of a table, sorted. */
    List<String> rows(String table) {
        var all = new ArrayList<String>();
        tables.getOrDefault(table, Map.of()).values().forEach(all::addAll);
        all.sort(null);
        return all;
    }
}
