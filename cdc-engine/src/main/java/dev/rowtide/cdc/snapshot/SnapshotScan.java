package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SqlCondition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scanner is to read.
 *
 * @param resource whose rows
 * @param recordId the one record that is wanted, as in the name of its channel; null for all
 * @param condition which rows, besides
 * @param columns what of each row; empty for all that may leave the process
 * @param run the run of the engine that the cut is for
 */
public record SnapshotScan(
        ResourceConfig resource,
        @Nullable String recordId,
        SqlCondition condition,
        List<String> columns,
        EngineRunName run) {
    public SnapshotScan {
        columns = List.copyOf(columns);
    }
}
