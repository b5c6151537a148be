package dev.rowtide.feed;

import dev.rowtide.feed.filter.RowFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are wanted, and what of them.
 *
 * @param resource the resource's public name
 * @param recordId the one record that is wanted, as in the name of its channel; null for all of them
 * @param filter which rows, besides; without attributes
 * @param columns what of each row is wanted; empty for all columns. The order does not matter: rows have theirs in table order
 */
public record SnapshotRequest(String resource, @Nullable String recordId, RowFilter filter, List<String> columns) {
    public SnapshotRequest {
        columns = columns.stream().distinct().sorted().toList();
    }

    /** All rows of a resource, with all columns. */
    public static SnapshotRequest ofResource(String resource) {
        return new SnapshotRequest(resource, null, RowFilter.ALL, List.of());
    }

    /** One record, with all columns. */
    public static SnapshotRequest ofRecord(String resource, String recordId) {
        return new SnapshotRequest(resource, recordId, RowFilter.ALL, List.of());
    }
}
