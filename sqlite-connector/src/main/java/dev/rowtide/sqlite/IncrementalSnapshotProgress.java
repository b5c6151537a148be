package dev.rowtide.sqlite;

import io.debezium.pipeline.source.snapshot.incremental.AbstractIncrementalSnapshotContext;
import io.debezium.relational.TableId;
import java.util.Map;

/** Which tables an ad-hoc snapshot still has to read, and how far it is; part of every offset, so that a restart goes on with the next row. */
final class IncrementalSnapshotProgress extends AbstractIncrementalSnapshotContext<TableId> {

    IncrementalSnapshotProgress() {
        super(false);
    }

    static IncrementalSnapshotProgress load(Map<String, ?> offset) {
        IncrementalSnapshotProgress progress = new IncrementalSnapshotProgress();
        init(progress, offset);
        // The base class forgets the last row when it loads; stored again before the next one is read, the offset would
        // begin the table anew.
        progress.sendEvent(progress.chunkEndPosititon());
        return progress;
    }
}
