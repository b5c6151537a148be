package dev.rowtide.feed;

import java.util.List;

/**
 * The columns that rows of a resource have, as of some point in the log; shared by all rows until the schema changes.
 *
 * @param columns names in table order, without those that the configuration excludes
 */
public record RowShape(List<String> columns) {
    public RowShape {
        columns = List.copyOf(columns);
    }
}
