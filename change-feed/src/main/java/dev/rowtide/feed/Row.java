package dev.rowtide.feed;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row, each column as the JSON text that the database itself would give for it.
 *
 * <p>Text and not a tree: the engine writes each value once, and the gateway copies it. A column that the log does not hold (an
 * unchanged TOASTed value, a column that is not part of an old row's key) is {@code null}; SQL's NULL is the text {@code null}.
 */
public final class Row {
    private final RowShape shape;
    private final @Nullable String[] json;
    private final @Nullable StorageClass @Nullable [] classes;

    /**
     * @param json one element a column of {@code shape}; not copied, and must not change any more
     * @throws IllegalArgumentException if the two differ in length
     */
    public Row(RowShape shape, @Nullable String[] json) {
        this(shape, json, null);
    }

    /**
     * A row of SQLite, in which the JSON of some values does not tell what they are: a BLOB, and an integer that is written as a string, look like a text.
     *
     * @param json one element a column of {@code shape}; not copied, and must not change any more
     * @param classes for each column the class of its value where the JSON misleads, and null where it does not; null if it does nowhere. Not copied
     * @throws IllegalArgumentException if they differ in length
     */
    public Row(RowShape shape, @Nullable String[] json, @Nullable StorageClass @Nullable [] classes) {
        if (json.length != shape.columns().size()) {
            throw new IllegalArgumentException(
                    json.length + " values for " + shape.columns().size() + " columns " + shape.columns());
        }
        this.shape = shape;
        if (classes != null && classes.length != json.length) {
            throw new IllegalArgumentException(classes.length + " storage classes for " + json.length + " values");
        }
        this.json = json;
        this.classes = classes;
    }

    public RowShape shape() {
        return shape;
    }

    /** The JSON text of the column at {@code index} of the shape, or null if the log does not hold it. */
    public @Nullable String json(int index) {
        return json[index];
    }

    /** The JSON text of the column {@code name}, or null if there is no such column or the log does not hold it. */
    public @Nullable String json(String name) {
        int index = shape.columns().indexOf(name);
        return index < 0 ? null : json[index];
    }

    /** What the value at {@code index} is in SQLite, where its JSON does not tell; null where that does: a string is a text then. */
    public @Nullable StorageClass storageClass(int index) {
        return classes == null ? null : classes[index];
    }

    /** The columns that the log does not hold, in table order. */
    public List<String> missing() {
        List<String> missing = List.of();
        for (int i = 0; i < json.length; i++) {
            if (json[i] == null) {
                if (missing.isEmpty()) {
                    missing = new ArrayList<>();
                }
                missing.add(shape.columns().get(i));
            }
        }
        return missing;
    }

    /** This row, with the columns that it lacks taken from another one of the same shape; of another shape nothing can be taken. */
    public Row completedBy(Row other) {
        boolean completes = false;
        for (int i = 0; i < json.length && i < other.json.length; i++) {
            completes |= json[i] == null && other.json[i] != null;
        }
        if (!completes || !shape.equals(other.shape)) {
            return this;
        }
        @Nullable String[] all = new String[json.length];
        @Nullable StorageClass[] allClasses = new StorageClass[json.length];
        for (int i = 0; i < json.length; i++) {
            Row from = json[i] == null ? other : this;
            all[i] = from.json(i);
            allClasses[i] = from.storageClass(i);
        }
        return new Row(shape, all, allClasses);
    }

    /** For people; the gateway has its own writer. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < json.length; i++) {
            if (json[i] != null) {
                text.append(text.length() > 1 ? ", " : "")
                        .append(shape.columns().get(i))
                        .append(": ")
                        .append(json[i]);
            }
        }
        return text.append('}').toString();
    }
}
