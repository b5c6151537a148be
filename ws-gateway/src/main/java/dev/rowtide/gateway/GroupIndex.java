package dev.rowtide.gateway;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.EqualityKey;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a channel, found by the values of a row: a hundred thousand subscriptions to {@code {"author_id": N}} cost a change one look into a map. Fan-out thread only.
 *
 * <p>A group is filed under the {@linkplain RowFilter#anchors anchors} of its view. Who has none, such as a view of everything, is asked about every change. Keys belong to one shape of the rows; when a
 * change brings another, which is when the table was altered, everything is filed anew.
 */
final class GroupIndex {
    private final Set<Group> groups = new LinkedHashSet<>();
    private final Set<Group> unfiled = new LinkedHashSet<>();
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private @Nullable RowShape shape;
    private long round;

    // Filled anew for each change.
    private final List<Group> found = new ArrayList<>();

    /** The groups with a demand on one column. */
    private static final class Column {
        final EqualityKey keys;
        final Map<Object, Set<Group>> byKey = new HashMap<>();

        Column(EqualityKey keys) {
            this.keys = keys;
        }
    }

    /** Where a group is filed. */
    private record Place(Column column, String name, Object key) {}

    void add(Group group) {
        groups.add(group);
        file(group);
    }

    void remove(Group group) {
        groups.remove(group);
        unfiled.remove(group);
        for (Place place : placesOf(group).orElse(List.of())) {
            Set<Group> same = place.column().byKey.get(place.key());
            if (same != null && same.remove(group) && same.isEmpty()) {
                place.column().byKey.remove(place.key());
                if (place.column().byKey.isEmpty()) {
                    columns.remove(place.name());
                }
            }
        }
    }

    /** Those that a change may concern. Good until the next call; nobody may be added or removed meanwhile. */
    List<Group> candidates(DataChangeEvent event) {
        Row data = event.data();
        Row old = event.old();
        found.clear();
        if (event.operation() == Operation.TRUNCATE || (data == null && old == null)) {
            found.addAll(groups);
            return found;
        }
        if (groups.size() > unfiled.size() || shape == null) {
            refile(data == null ? old : data);
        }
        found.addAll(unfiled);
        round++;
        for (Column column : columns.values()) {
            boolean hadOld = event.operation() != Operation.CREATE;
            if (hadOld && (old == null || !column.keys.isIn(old))) {
                // Any of them may have had the row.
                column.byKey.values().forEach(this::addNew);
                continue;
            }
            if (hadOld && old != null) {
                addNew(column.byKey.get(column.keys.ofRow(old)));
            }
            if (data != null) {
                addNew(column.byKey.get(column.keys.ofRow(column.keys.isIn(data) || old == null ? data : old)));
            }
        }
        return found;
    }

    private void addNew(@Nullable Set<Group> more) {
        if (more != null) {
            for (Group group : more) {
                if (group.foundIn != round) {
                    group.foundIn = round;
                    found.add(group);
                }
            }
        }
    }

    private void refile(@Nullable Row row) {
        if (row != null && row.shape() != shape) {
            boolean same = row.shape().equals(shape);
            shape = row.shape();
            if (!same) {
                columns.clear();
                unfiled.clear();
                groups.forEach(this::file);
            }
        }
    }

    private void file(Group group) {
        Optional<List<Place>> places = placesOf(group);
        if (places.isEmpty()) {
            unfiled.add(group);
            return;
        }
        for (Place place : places.get()) {
            columns.putIfAbsent(place.name(), place.column());
            place.column()
                    .byKey
                    .computeIfAbsent(place.key(), key -> new HashSet<>(2))
                    .add(group);
        }
    }

    /** Nothing if it has to be asked about every change. */
    private Optional<List<Place>> placesOf(Group group) {
        RowShape now = shape;
        Optional<List<RowFilter.Comparison>> anchors = group.view().rows().anchors();
        if (now == null || anchors.isEmpty()) {
            return Optional.empty();
        }
        List<Place> places = new ArrayList<>();
        Map<String, Column> added = new HashMap<>();
        for (RowFilter.Comparison anchor : anchors.get()) {
            String name = anchor.column();
            Column column = columns.getOrDefault(name, added.get(name));
            if (column == null) {
                Optional<EqualityKey> keys = EqualityKey.of(now, name);
                if (keys.isEmpty()) {
                    return Optional.empty();
                }
                column = new Column(keys.get());
                added.put(name, column);
            }
            try {
                Object key = column.keys.ofValue(anchor.value());
                if (key != null) {
                    places.add(new Place(column, name, key));
                }
            } catch (InvalidFilterException e) {
                // Its view will say so.
                return Optional.empty();
            }
        }
        return Optional.of(places);
    }
}
