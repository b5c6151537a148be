package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which column of a table's new definition continues which one of the old: the one of the same name, ASCII case aside.
 *
 * <p>SQLite does not record that a column was renamed. It is taken for renamed if nothing else can have happened: all old columns stand where they stood, and the one whose name is gone is
 * otherwise defined as before.
 */
final class ColumnMapping {
    private final TableDefinition before;
    private final TableDefinition after;

    /** For each new column the index of the old one, -1 for none. */
    private final int[] sources;

    private final boolean identity;
    private final boolean readsAlike;

    private ColumnMapping(TableDefinition before, TableDefinition after, int[] sources) {
        this.before = before;
        this.after = after;
        this.sources = sources;
        boolean same = sources.length == before.columns().size();
        for (int i = 0; i < sources.length; i++) {
            same &= sources[i] == i;
        }
        this.identity = same;
        this.readsAlike = recordsReadAlike();
    }

    static ColumnMapping of(TableDefinition before, TableDefinition after) {
        Map<String, Integer> indexes = new HashMap<>();
        for (int i = 0; i < before.columns().size(); i++) {
            indexes.put(Schema.asciiLowerCase(before.columns().get(i).name()), i);
        }
        int[] sources = new int[after.columns().size()];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = indexes.getOrDefault(
                    Schema.asciiLowerCase(after.columns().get(i).name()), -1);
        }
        int[] renamed = withRenames(before.columns(), after.columns(), sources);
        return new ColumnMapping(before, after, renamed);
    }

    private static int[] withRenames(List<Column> before, List<Column> after, int[] sources) {
        if (before.size() > after.size()) {
            return sources;
        }
        int[] renamed = sources.clone();
        for (int i = 0; i < before.size(); i++) {
            if (renamed[i] == -1 && sameButName(before.get(i), after.get(i))) {
                renamed[i] = i;
            }
            if (renamed[i] != i) {
                return sources;
            }
        }
        return renamed;
    }

    private static boolean sameButName(Column before, Column after) {
        return new Column(
                        after.name(),
                        before.declaredType(),
                        before.affinity(),
                        before.collation(),
                        before.notNull(),
                        before.defaultValue(),
                        before.generated())
                .equals(after);
    }

    /** The index of the old column that a new one continues, -1 for a column that is new. */
    int source(int column) {
        return sources[column];
    }

    /** A row as the old definition reads it, with the new columns: those that are gone left out, those that came with their default, which is what a consumer gave them. */
    StoredValue[] apply(StoredValue[] row) {
        if (identity) {
            return row;
        }
        StoredValue[] mapped = new StoredValue[sources.length];
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] = sources[i] < 0 ? after.columns().get(i).defaultValue() : row[sources[i]];
        }
        return mapped;
    }

    /**
     * Whether a record that did not change is a row that did not change: read by the old definition and mapped, it gives what the new definition reads. If not, every row has to
     * be compared by value.
     */
    boolean readsAlike() {
        return readsAlike;
    }

    private boolean recordsReadAlike() {
        List<Integer> olds = before.storage();
        List<Integer> news = after.storage();
        if (before.withoutRowid() != after.withoutRowid() || olds.size() > news.size() || !sameAlias()) {
            return false;
        }
        for (int position = 0; position < news.size(); position++) {
            int source = sources[news.get(position)];
            if (source != (position < olds.size() ? olds.get(position) : -1)) {
                return false;
            }
        }
        for (int i = 0; i < sources.length; i++) {
            if (sources[i] >= 0
                    && !readsAlike(
                            before.columns().get(sources[i]), after.columns().get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean readsAlike(Column before, Column after) {
        boolean wasReal = before.affinity() == Column.Affinity.REAL;
        boolean isReal = after.affinity() == Column.Affinity.REAL;
        return wasReal == isReal && before.defaultValue().equals(after.defaultValue());
    }

    /** Whether both definitions have the same column for a rowid alias, or both have none. */
    boolean sameAlias() {
        OptionalInt alias = after.rowidAlias();
        return alias.isPresent()
                ? before.rowidAlias().equals(OptionalInt.of(sources[alias.getAsInt()]))
                : before.rowidAlias().isEmpty();
    }

    /** Whether both definitions have the same primary key: the same columns in the same order, or none. */
    boolean samePrimaryKey() {
        return before.primaryKey()
                .equals(after.primaryKey().stream().map(this::source).toList());
    }

    /** Whether both are WITHOUT ROWID tables, and the entries of both are in the same order. */
    boolean sameKeyOrder() {
        int parts = after.keyOrder().size();
        if (!before.withoutRowid()
                || !after.withoutRowid()
                || !before.keyOrder().equals(after.keyOrder())) {
            return false;
        }
        for (int position = 0; position < parts; position++) {
            if (sources[after.storage().get(position)] != before.storage().get(position)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return before.name() + " to " + after.name() + " " + Arrays.toString(sources);
    }
}
