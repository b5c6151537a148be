package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.Position;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The table {@code item} as a subscriber rebuilds it, and whatever it was told that cannot be. Thread-safe. */
public final class Replica {
    private final Map<Integer, String> rows = new TreeMap<>();
    private final Map<Position, String> known = new HashMap<>();
    private final List<String> contradictions = new ArrayList<>();
    private @Nullable Position last;
    private int redelivered;

    /**
     * One event; what comes again is compared and dropped.
     *
     * @param body the new row's body, null for a delete
     */
    public synchronized void apply(Position position, int id, @Nullable String body) {
        String content = id + "=" + body;
        String before = known.putIfAbsent(position, content);
        if (before != null) {
            redelivered++;
            if (!before.equals(content)) {
                contradict(position + " was " + before + " and came again as " + content);
            }
            return;
        }
        if (last != null && !position.isAfter(last)) {
            contradict(position + " came for the first time after " + last);
        }
        last = position;
        if (body == null) {
            rows.remove(id);
        } else {
            rows.put(id, body);
        }
    }

    public synchronized void contradict(String what) {
        contradictions.add(what);
    }

    /** How many different changes it has seen. */
    public synchronized int changes() {
        return known.size();
    }

    public synchronized int redelivered() {
        return redelivered;
    }

    /** Those who write to the table. */
    public interface Writes {
        /** Writes one row more, after which nothing comes; its key. */
        int writeLast() throws SQLException;

        /** What the table holds. */
        Map<Integer, String> table() throws SQLException;
    }

    /** Waits until everything that was written has come, and compares. */
    public void requireEquals(Writes writes) throws SQLException {
        int lastKey = writes.writeLast();
        await().atMost(Duration.ofSeconds(120)).until(() -> has(lastKey));
        Map<Integer, String> table = writes.table();
        synchronized (this) {
            assertThat(contradictions).isEmpty();
            Map<Integer, String> missing = new TreeMap<>(table);
            missing.entrySet().removeAll(rows.entrySet());
            Map<Integer, String> wrong = new TreeMap<>(rows);
            wrong.entrySet().removeAll(table.entrySet());
            assertThat(missing)
                    .as("rows of the table that the subscriber does not have; it has instead: %s", wrong)
                    .isEmpty();
            assertThat(wrong).as("rows that the table does not have").isEmpty();
        }
    }

    private synchronized boolean has(int id) {
        return rows.containsKey(id);
    }
}
