package dev.rowtide.feed;

import org.jspecify.annotations.Nullable;

/**
 * One row of a snapshot, its values and its identity written exactly as in a {@link DataChangeEvent}.
 *
 * @param id null for a table without a key
 * @param data the columns that were asked for; none is missing
 */
public record SnapshotRow(@Nullable RecordId id, Row data) {}
