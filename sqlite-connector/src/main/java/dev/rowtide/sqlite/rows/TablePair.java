package dev.rowtide.sqlite.rows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A table before and after a transaction.
 *
 * @param before null if it was created
 * @param after null if it was dropped
 * @param columns how rows of the one become rows of the other; null unless there are both
 */
record TablePair(
        @Nullable TableDefinition before,
        @Nullable TableDefinition after,
        @Nullable ColumnMapping columns) {
    /** By bytes: an order that is the same everywhere. */
    private static final Comparator<TablePair> BY_NAME =
            Comparator.comparing(pair -> pair.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /**
     * Pairs the tables of two schemas: first by name, ASCII case aside, so that a table that was rebuilt under its old name is still the same; what is left by root page and
     * definition: renamed. A table whose rows are not wanted does not exist: renamed into a wanted name it is created, renamed out of one it is dropped.
     *
     * @return sorted by the name after; by that before if it was dropped
     */
    static List<TablePair> of(Schema before, Schema after, Predicate<String> wanted) {
        Map<String, TableDefinition> gone = new HashMap<>();
        for (TableDefinition table : before.tables()) {
            if (wanted.test(table.name())) {
                gone.put(Schema.asciiLowerCase(table.name()), table);
            }
        }
        List<TablePair> pairs = new ArrayList<>();
        List<TableDefinition> fresh = new ArrayList<>();
        for (TableDefinition table : after.tables()) {
            if (wanted.test(table.name())) {
                TableDefinition same = gone.remove(Schema.asciiLowerCase(table.name()));
                if (same != null) {
                    pairs.add(new TablePair(same, table, ColumnMapping.of(same, table)));
                } else {
                    fresh.add(table);
                }
            }
        }
        for (TableDefinition table : fresh) {
            TableDefinition same = takeRenamed(gone, table);
            pairs.add(new TablePair(same, table, same == null ? null : ColumnMapping.of(same, table)));
        }
        for (TableDefinition dropped : gone.values()) {
            pairs.add(new TablePair(dropped, null, null));
        }
        pairs.sort(BY_NAME);
        return pairs;
    }

    private static @Nullable TableDefinition takeRenamed(Map<String, TableDefinition> gone, TableDefinition table) {
        // At most one table has that root page: which is found does not depend on the map's order.
        for (Iterator<TableDefinition> left = gone.values().iterator(); left.hasNext(); ) {
            TableDefinition candidate = left.next();
            if (candidate.rootPage() == table.rootPage() && sameDefinition(candidate, table)) {
                left.remove();
                return candidate;
            }
        }
        return null;
    }

    String name() {
        if (after != null) {
            return after.name();
        }
        return before == null ? "" : before.name();
    }

    /** Whether a consumer sees a difference: not if only its root page moved, or its statement is written another way. */
    boolean isRedefined() {
        return before == null || after == null || !before.name().equals(after.name()) || !sameDefinition(before, after);
    }

    private static boolean sameDefinition(TableDefinition before, TableDefinition after) {
        return before.withoutRowid() == after.withoutRowid()
                && before.strict() == after.strict()
                && before.columns().equals(after.columns())
                && before.storage().equals(after.storage())
                && before.rowidAlias().equals(after.rowidAlias())
                && before.primaryKey().equals(after.primaryKey())
                && before.keyOrder().equals(after.keyOrder());
    }
}
