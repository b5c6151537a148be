package dev.rowtide.app.differential;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one subscriber has of one channel: the rows by id, and whether everything that came was right. Guarded by its {@link Peer}. */
final class Subscription {
    static final List<String> ITEM_COLUMNS = List.of("id", "owner", "status", "priority", "title");
    static final List<String> NOTE_COLUMNS = List.of("id", "item", "body");

    final String channel;
    final String table;
    final @Nullable String recordId;
    final Condition policy;
    final Condition filter;
    final List<String> columns;
    final boolean resumes;

    private final Map<String, JsonNode> rows = new HashMap<>();
    private @Nullable Position position;
    private boolean ready;
    private boolean complete;
    /** Whether its rows may be ahead of the changes: it was cut off between a snapshot and the moment at which the changes have gone beyond it. */
    private boolean ahead;

    private boolean settled;
    private int changes;

    Subscription(
            String table,
            @Nullable String recordId,
            Condition policy,
            Condition filter,
            List<String> columns,
            boolean resumes) {
        this.channel = recordId == null ? "resource:" + table : table + ':' + recordId;
        this.table = table;
        this.recordId = recordId;
        this.policy = policy;
        this.filter = filter;
        this.columns = columns;
        this.resumes = resumes;
    }

    /** What it says to get going, or to go on. */
    String subscribe(long id) {
        ready = false;
        boolean goesOn = resumes && complete && position != null;
        if (goesOn) {
            ahead |= !settled;
        } else {
            complete = false;
        }
        return "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\",\"id\":" + id
                + ",\"payload\":{\"presence\":\"none\",\"snapshot\":true"
                + (goesOn ? ",\"since\":\"" + position + '"' : "")
                + (filter == Condition.ALL ? "" : ",\"filter\":" + filter.json())
                + (columns.isEmpty() ? "" : ",\"columns\":[\"" + String.join("\",\"", columns) + "\"]") + "}}";
    }

    void subscribed(JsonNode payload) {
        if (payload.path("recovered").asBoolean()) {
            ready = true;
        } else {
            rows.clear();
            complete = false;
            settled = false;
            ahead = false;
            position = Position.parse(payload.path("position").asText()).orElseThrow();
        }
    }

    void snapshot(JsonNode payload) {
        JsonNode all = payload.path("rows");
        for (int i = 0; i < all.size(); i++) {
            JsonNode row = all.get(i);
            check(row, "a row of a snapshot");
            if (rows.put(payload.path("ids").get(i).asText(), row) != null) {
                fail("a row came twice in a snapshot", payload.path("ids").get(i));
            }
        }
        if (payload.path("last").asBoolean()) {
            complete = true;
            ready = true;
        }
    }

    void change(JsonNode payload) {
        changes++;
        Position at = Position.parse(payload.path("position").asText()).orElseThrow();
        if (position != null && !at.isAfter(position)) {
            fail("a change came after one at " + position, payload);
        }
        if (!ready) {
            fail("a change came before the rows were there", payload);
        }
        position = at;
        String id = payload.path("id").asText();
        boolean known = rows.containsKey(id);
        switch (payload.path("operation").asText()) {
            case "create" -> put(id, payload, known && !ahead);
            case "update" -> put(id, payload, !known && !ahead);
            case "delete" -> {
                if (!known && !ahead) {
                    fail("a row was deleted that it does not have", payload);
                }
                if (!payload.path("data").isNull()) {
                    fail("a delete has data", payload);
                }
                checkOld(payload);
                rows.remove(id);
            }
            case "truncate" -> rows.clear();
            default -> fail("an unknown operation", payload);
        }
    }

    private void put(String id, JsonNode payload, boolean wrong) {
        if (wrong) {
            fail("the row was " + (rows.containsKey(id) ? "" : "not ") + "known", payload);
        }
        if (recordId != null && !recordId.equals(id)) {
            fail("another record's", payload);
        }
        check(payload.path("data"), payload);
        checkOld(payload);
        rows.put(id, payload.path("data"));
    }

    private void checkOld(JsonNode payload) {
        JsonNode old = payload.path("old");
        if (old.isObject()) {
            check(old, payload);
        }
    }

    /** No column beyond those that it may see and wants, and, as far as these tell, no row beyond those. */
    private void check(JsonNode row, Object where) {
        Set<String> names = new HashSet<>();
        row.fieldNames().forEachRemaining(names::add);
        if (!names.equals(new HashSet<>(shownColumns()))) {
            fail("it has the columns " + names, where);
        }
        if (columns.isEmpty() && table.equals("item")) {
            Map<String, @Nullable Object> values = new HashMap<>();
            row.fields()
                    .forEachRemaining(field -> values.put(
                            field.getKey(),
                            field.getValue().isNull()
                                    ? null
                                    : field.getValue().isNumber()
                                            ? (Object) field.getValue().asInt()
                                            : field.getValue().asText()));
            if (!policy.holds(values)) {
                fail("the policy hides it", where);
            }
            if (!filter.holds(values)) {
                fail("the filter leaves it out", where);
            }
        }
    }

    List<String> shownColumns() {
        return columns.isEmpty() ? (table.equals("item") ? ITEM_COLUMNS : NOTE_COLUMNS) : columns;
    }

    /** Everything up to there has come. */
    void reached(Position heartbeat) {
        if (ready && complete) {
            settled = true;
            ahead = false;
            if (position == null || heartbeat.isAfter(position)) {
                position = heartbeat;
            }
        }
    }

    boolean isReady() {
        return ready && complete;
    }

    int changes() {
        return changes;
    }

    /** What the database has to answer, with the id first. */
    String select() {
        List<String> wanted = new ArrayList<>(List.of("id"));
        wanted.addAll(shownColumns());
        return "SELECT " + String.join(", ", wanted) + " FROM " + table + " WHERE " + policy.sql() + " AND "
                + filter.sql()
                + (recordId == null ? "" : " AND id = " + (table.equals("item") ? recordId : '\'' + recordId + '\''));
    }

    Map<String, JsonNode> rows() {
        return new TreeMap<>(rows);
    }

    private void fail(String what, Object where) {
        throw new AssertionError(what + ": " + where + " for " + this);
    }

    @Override
    public String toString() {
        return channel + " filter " + filter.json() + " policy " + policy.sql() + " columns " + columns
                + (resumes ? " resuming" : "") + (ahead ? " ahead" : "") + " at " + position;
    }
}
