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

    /**
     * @param json one element a column of {@code shape}; not copied, and must not change any more
     * @throws IllegalArgumentException if the two differ in length
     */
    public Row(RowShape shape, @Nullable String[] json) {
        if (json.length != shape.columns().size()) {
            throw new IllegalArgumentException(
                    json.length + " values for " + shape.columns().size() + " columns " + shape.columns());
        }
        this.shape = shape;
        this.json = json;
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
