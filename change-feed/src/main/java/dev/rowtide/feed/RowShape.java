package dev.rowtide.feed;

import java.util.Collections;
import java.util.List;

/**
 * The columns that rows of a resource have, as of some point in the log; shared by all rows until the schema changes.
 *
 * @param columns names in table order, without those that the configuration excludes
 * @param types how the values of each of them compare
 */
public record RowShape(List<String> columns, List<ColumnType> types) {
    private static final ColumnType UNKNOWN = new ColumnType.Opaque("unknown");

    /** @throws IllegalArgumentException if there is not one type a column */
    public RowShape {
        columns = List.copyOf(columns);
        types = List.copyOf(types);
        if (columns.size() != types.size()) {
            throw new IllegalArgumentException(
                    types.size() + " types for " + columns.size() + " columns " + columns + ": give each one");
        }
    }

    /** Columns that nobody compares. */
    public RowShape(List<String> columns) {
        this(columns, Collections.nCopies(columns.size(), UNKNOWN));
    }
}
