package dev.rowtide.cdc.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotRow;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What a subscriber has who took a snapshot and then the changes that it does not contain. */
public final class Materialized {
    private Materialized() {}

    /**
     * The rows by id, as text. A change that cannot be (a create of a known row, an update or a delete of an unknown one) fails.
     *
     * @param history every change from before the snapshot to the end, in any order, some perhaps twice
     */
    public static Map<String, String> of(CollectedSnapshot snapshot, Collection<DataChangeEvent> history) {
        Map<String, String> rows = new TreeMap<>();
        for (SnapshotRow row : snapshot.all()) {
            String before =
                    rows.put(Objects.requireNonNull(row.id()).text(), row.data().toString());
            assertThat(before).as("a row that came twice: %s", row).isNull();
        }
        assertThat(snapshot.cut().from()).isLessThanOrEqualTo(snapshot.cut().until());
        Map<Position, DataChangeEvent> log = new TreeMap<>();
        history.forEach(change -> log.putIfAbsent(change.position(), change));
        log.values().stream()
                .filter(change -> !snapshot.cut().from().isAfter(change.position()))
                .filter(change -> !snapshot.cut().contains(change))
                .forEach(change -> apply(change, rows, snapshot));
        return rows;
    }

    private static void apply(DataChangeEvent change, Map<String, String> rows, CollectedSnapshot snapshot) {
        String id = Objects.requireNonNull(change.id()).text();
        String before = switch (change.operation()) {
            case CREATE, UPDATE -> rows.put(id, String.valueOf(change.data()));
            case DELETE -> rows.remove(id);
            case TRUNCATE -> throw new AssertionError("nobody truncates here");
        };
        boolean known = before != null;
        assertThat(known)
                .as(
                        "whether the row of the %s %s at %s of transaction %s is there; the snapshot is cut from %s to %s",
                        change.operation(),
                        id,
                        change.position(),
                        change.transaction().id(),
                        snapshot.cut().from(),
                        snapshot.cut().until())
                .isEqualTo(change.operation() != Operation.CREATE);
    }
}
