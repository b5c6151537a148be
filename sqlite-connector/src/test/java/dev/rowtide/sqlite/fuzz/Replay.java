package dev.rowtide.sqlite.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes what {@link TailProcess}es print, over their deaths and restarts, and holds it against the {@link States}. A transaction that comes again must be the same, row by row; what is
 * new is applied to the strict {@link Model} and to a {@link KeyedConsumer}.
 */
final class Replay {
    /** A transaction as it came first. */
    private static final class Delivered {
        final long seq;
        final String begin;
        final List<String> schema = new ArrayList<>();
        final List<String> rows = new ArrayList<>();
        boolean ended;

        Delivered(long seq, String begin) {
            this.seq = seq;
            this.begin = begin;
        }
    }

    /** The stream has ended with an error. */
    static final class StreamFailed extends AssertionError {
        StreamFailed(String error) {
            super("the stream failed: " + error);
        }
    }

    private final States states;
    private final Model model = new Model();
    private final KeyedConsumer keyed = new KeyedConsumer();
    private final TreeMap<Long, Delivered> history = new TreeMap<>();
    private Map<String, String> atBoundary = Map.of();
    /** What each writer's counter was when it was seen last. */
    private final Map<String, Long> counters = new HashMap<>();

    private final Map<String, Long> countersNow = new HashMap<>();

    private boolean snapshot;
    private boolean mayBeLost;
    private boolean caughtUpBlocked = true;
    private long highest;
    private Delivered current;
    private int row;
    private int firstRow;
    private long snapshotSeq;
    private boolean ignored;
    private int schemaIndex;
    private long skipTo;
    private int skipRows;
    private long events;
    private long resyncs;
    private String outcome = "";
    private final TreeMap<String, Integer> outcomes = new TreeMap<>();

    Replay(States states) {
        this.states = states;
    }

    /** A tail was started; {@code lost} if its state or its offset is not what it was when the one before ended. */
    void expectStart(boolean lost) {
        // One that dies before it says where it begins leaves that to the next.
        mayBeLost |= lost;
        current = null;
        caughtUpBlocked = true;
    }

    /** Whether the events have come to the newest state. */
    boolean caughtUp() {
        return !caughtUpBlocked && !snapshot && (current == null || current.ended) && states.caughtUp();
    }

    /** Whether the last tail that was started has said where it begins. */
    boolean begun() {
        return !caughtUpBlocked && !snapshot;
    }

    void line(String line) {
        JsonNode event = Json.parse(line);
        events++;
        try {
            switch (event.get("t").asText()) {
                case "start" -> start(event);
                case "table" -> model.snapshotTable(event.get("table"));
                case "read" -> model.snapshotRow(event);
                case "snapshotted" -> snapshotted(event);
                case "begin" -> begin(event, line);
                case "schema" -> schema(event, line);
                case "row" -> row(event, line);
                case "end" -> end();
                case "closed" -> current = null;
                case "failed" -> throw new StreamFailed(event.get("error").asText());

                default -> throw new AssertionError("unknown event " + line);
            }
        } catch (Model.Contradiction e) {
            throw new AssertionError(
                    e.getMessage() + "\n  at " + line + "\n  "
                            + (current == null
                                    ? "between transactions"
                                    : "in " + current.begin + ", row " + row + ", after\n    "
                                            + String.join("\n    ", current.schema) + "\n    "
                                            + String.join(
                                                    "\n    ",
                                                    current.rows.subList(
                                                            Math.max(0, current.rows.size() - 30),
                                                            current.rows.size()))),
                    e);
        }
    }

    private void start(JsonNode event) {
        outcome = event.get("outcome").asText();
        outcomes.merge(outcome, 1, Integer::sum);
        current = null;
        skipTo = -1;
        caughtUpBlocked = false;
        snapshot = !outcome.equals("RESUMED");
        boolean expected = switch (outcome) {
            case "RESUMED" -> true;
            case "FIRST" -> event.get("from").asLong() < 0;
            case "NO_POSITION" -> event.get("from").asLong() < 0;
            case "LOST", "RENUMBERED" -> mayBeLost;
            default -> false;
        };
        if (!expected) {
            throw new Model.Contradiction("an outcome that nothing explains");
        }
        mayBeLost &= snapshot;
        if (snapshot) {
            model.clear();
            keyed.clear();
            return;
        }
        if (event.get("seq").asLong() != event.get("from").asLong()) {
            throw new Model.Contradiction("resumed at another place than asked for");
        }
        skipTo = event.get("from").asLong();
        skipRows = event.get("rows").asInt();
    }

    private void snapshotted(JsonNode event) {
        long seq = event.get("seq").asLong();
        // A new state numbers beyond the old one; after RENUMBERED that holds for what comes, not for where the state
        // stands.
        if (highest > seq && !outcome.equals("RENUMBERED")) {
            throw new Model.Contradiction("numbered from " + seq + ", but " + highest + " was delivered");
        }
        history.clear();
        snapshot = false;
        mayBeLost = false;
        atBoundary = model.digests();
        keyed.loadAll(model);
        readCounters();
        states.startAt(atBoundary, progress(), outcome.equals("RENUMBERED"));
        counters.clear();
        counters.putAll(countersNow);
        skipTo = Math.max(seq, highest);
        snapshotSeq = seq;
        skipRows = 0;
    }

    private void begin(JsonNode event, String line) {
        long seq = event.get("seq").asLong();
        boolean first = current == null;
        if (snapshot) {
            throw new Model.Contradiction("a transaction before the end of the snapshot");
        }
        // An old offset may lead back to before the snapshot, which has what came then.
        ignored = seq <= snapshotSeq;
        if (ignored) {
            skipRows = 0;
            return;
        }
        if (seq <= skipTo || (current != null && seq <= current.seq)) {
            throw new Model.Contradiction("number " + seq + " does not follow");
        }
        if (current != null && !current.ended) {
            throw new Model.Contradiction("the one before has not ended");
        }
        if (!history.isEmpty()
                && seq > history.lastKey()
                && !history.lastEntry().getValue().ended) {
            throw new Model.Contradiction("transaction " + history.lastKey() + " was begun, and never came again");
        }
        if (!history.containsKey(seq)) {
            history.put(seq, new Delivered(seq, line));
            highest = Math.max(highest, seq);
            model.begin();
        }
        current = history.get(seq);
        if (!current.begin.equals(line)) {
            throw new Model.Contradiction("redelivered with another header: " + current.begin);
        }
        row = first ? skipRows : 0;
        if (row > current.rows.size()) {
            throw new Model.Contradiction("rows are left out that never came");
        }
        schemaIndex = 0;
        firstRow = row;
    }

    private void schema(JsonNode event, String line) {
        if (ignored) {
            return;
        }
        if (schemaIndex < current.schema.size()) {
            if (!current.schema.get(schemaIndex).equals(line)) {
                throw new Model.Contradiction("redelivered differently: " + current.schema.get(schemaIndex));
            }
        } else {
            if (current.ended || !current.rows.isEmpty()) {
                throw new Model.Contradiction("a schema change that did not come the first time, or after a row");
            }
            current.schema.add(line);
            model.schema(event);
            keyed.schema(event);
        }
        schemaIndex++;
    }

    private void row(JsonNode event, String line) {
        if (ignored) {
            return;
        }
        if (current == null) {
            throw new Model.Contradiction("a row outside of a transaction");
        }
        requireWholeSchema();
        if (row < current.rows.size()) {
            if (!current.rows.get(row).equals(line)) {
                throw new Model.Contradiction("redelivered differently: " + current.rows.get(row));
            }
        } else {
            if (current.ended) {
                throw new Model.Contradiction("redelivered with more rows");
            }
            model.prepareRows();
            keyed.mapped(model);
            keyed.row(model, event);
            model.row(event);
            current.rows.add(line);
        }
        row++;
    }

    /** All of a transaction's schema changes come again with its first row; from the middle of it, all or none. */
    private void requireWholeSchema() {
        if (schemaIndex != current.schema.size() && (schemaIndex > 0 || firstRow == 0)) {
            throw new Model.Contradiction(
                    "redelivered with " + schemaIndex + " schema changes of " + current.schema.size());
        }
    }

    private void end() {
        if (ignored) {
            return;
        }
        requireWholeSchema();
        if (current.ended) {
            if (row != current.rows.size()) {
                throw new Model.Contradiction("redelivered with fewer rows: " + row + " of " + current.rows.size());
            }
            return;
        }
        model.end();
        keyed.mapped(model);
        current.ended = true;
        Map<String, String> after = model.digests();
        readCounters();
        if (current.begin.contains("\"RESYNC\"")) {
            resyncs++;
            states.resync(after, progress());
        } else {
            requireSteps();
            states.commit(atBoundary, after, progress());
        }
        counters.clear();
        counters.putAll(countersNow);
        atBoundary = after;
    }

    private void readCounters() {
        countersNow.clear();
        Model.Table marker = model.tables().get(Workload.MARKER);
        if (marker != null) {
            marker.allRows().forEach(one -> countersNow.put(one.values()[0], number(one.values()[1])));
        }
    }

    private long progress() {
        return countersNow.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long number(String value) {
        return Long.parseLong(value.substring(1));
    }

    /** A commit moves at most one writer's counter, by one: otherwise a commit was missed, or two were taken for one. */
    private void requireSteps() {
        int moved = 0;
        for (var counter : countersNow.entrySet()) {
            long was = counters.getOrDefault(counter.getKey(), 0L);
            if (counter.getValue() != was) {
                moved++;
                if (counter.getValue() != was + 1 && counters.containsKey(counter.getKey())) {
                    throw new Model.Contradiction("the counter of writer " + counter.getKey() + " went from " + was
                            + " to " + counter.getValue() + " in one commit");
                }
            }
        }
        if (moved > 1 && counters.size() == countersNow.size()) {
            throw new Model.Contradiction("the counters of two writers moved in one commit");
        }
    }

    /** Holds the consumers' rows against the database's. */
    void requireRows(Map<String, List<String>> database) {
        for (var table : database.entrySet()) {
            requireSame(table.getKey(), table.getValue(), model.rows(table.getKey()), "strict consumer");
            requireSame(table.getKey(), table.getValue(), keyed.rows(table.getKey()), "consumer keyed by declared key");
        }
        if (!database.keySet().equals(model.tables().keySet())) {
            throw new AssertionError("tables: the database has " + database.keySet() + ", the consumer "
                    + model.tables().keySet());
        }
    }

    private static void requireSame(String table, List<String> expected, List<String> actual, String consumer) {
        var sorted = new ArrayList<>(expected);
        sorted.sort(null);
        if (!sorted.equals(actual)) {
            var missing = new ArrayList<>(sorted);
            actual.forEach(missing::remove);
            var wrong = new ArrayList<>(actual);
            sorted.forEach(wrong::remove);
            throw new AssertionError("table " + table + " at the " + consumer + ": missing "
                    + missing.subList(0, Math.min(10, missing.size())) + ", wrong "
                    + wrong.subList(0, Math.min(10, wrong.size())));
        }
    }

    long events() {
        return events;
    }

    /** What the newest state has that the events have not made. */
    String behind() {
        return states.behind(atBoundary);
    }

    Map<String, Integer> outcomes() {
        return outcomes;
    }

    long resyncs() {
        return resyncs;
    }

    int transactions() {
        return history.size();
    }

    long lastSeq() {
        return history.isEmpty() ? -1 : history.lastKey();
    }

    Model model() {
        return model;
    }
}
