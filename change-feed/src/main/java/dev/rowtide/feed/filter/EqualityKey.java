package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A column as something that filters can be looked up by: two values have equal keys if and only if the database takes them for equal, however each was written. Immutable and thread-safe.
 *
 * <p>With it {@code {"author_id": N}} of many subscribers is one look into a map from keys to subscribers. A key is good for hash maps only, and only among those of one column of one shape.
 */
public final class EqualityKey {
    private final String name;
    private final int column;
    private final ColumnType type;
    private final ValueOrder<?> order;

    private EqualityKey(String name, int column, ColumnType type) {
        this.name = name;
        this.column = column;
        this.type = type;
        order = ValueOrder.of(type);
    }

    /** The keys of one column of a shape; none if it has no such column, or one that cannot be compared. */
    public static Optional<EqualityKey> of(RowShape shape, String column) {
        int index = shape.columns().indexOf(column);
        return index < 0 || shape.types().get(index) instanceof ColumnType.Opaque
                ? Optional.empty()
                : Optional.of(new EqualityKey(column, index, shape.types().get(index)));
    }

    /** Whether the log holds the column of this row, which is of the shape. */
    public boolean isIn(Row row) {
        return row.json(column) != null;
    }

    /** The key of the row's value; null if that is NULL, which equals nothing, or if the log does not hold it ({@link #isIn} tells which). The row is of the shape. */
    public @Nullable Object ofRow(Row row) {
        String json = row.json(column);
        return json == null || JsonScalar.isNull(json) ? null : order.key(row, column, json);
    }

    /**
     * The key of a value in a filter, resolved or not; null if nothing equals it.
     *
     * @throws InvalidFilterException if it is not a value that the column could have
     * @throws IllegalArgumentException if it is an attribute that was not bound
     */
    public @Nullable Object ofValue(FilterValue value) throws InvalidFilterException {
        FilterValue resolved = Resolution.value(name, type, value);
        if (resolved instanceof FilterValue.Attribute attribute) {
            throw new IllegalArgumentException("the attribute " + attribute.name() + " was not bound");
        }
        return resolved instanceof FilterValue.Literal literal ? key(order, literal) : null;
    }

    private static <C> Object key(ValueOrder<C> order, FilterValue.Literal literal) {
        return order.key(order.constant(literal));
    }
}
