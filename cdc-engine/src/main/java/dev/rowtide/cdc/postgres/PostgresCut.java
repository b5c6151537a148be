package dev.rowtide.cdc.postgres;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotCut;

/**
 * Where a snapshot of PostgreSQL cuts the log: by the visibility of each transaction.
 *
 * <p>A commit is in the log before snapshots see it (it is written, flushed, perhaps sent to standbys, and only then taken off the list of running transactions), and the log is read meanwhile. So the order of
 * the log alone decides only outside of the two places.
 *
 * @param visible the snapshot
 * @param from before it, each commit was known to be seen by this snapshot
 * @param until where the log was written to after the snapshot had been taken: what committed behind it cannot be in the snapshot
 */
record PostgresCut(TransactionSnapshot visible, Position from, Position until) implements SnapshotCut {

    @Override
    public boolean contains(DataChangeEvent change) {
        if (from.isAfter(change.position())) {
            return true;
        }
        return until.isAfter(change.position())
                && visible.sees(label(change.transaction().id()));
    }

    /** The log's label of a transaction, as the decoder has written it: 32 bits, unsigned. */
    static int label(String transaction) {
        return Integer.parseUnsignedInt(transaction);
    }
}
