package dev.rowtide.feed;

/**
 * Where the present rows of a resource come from: as of one snapshot of the database, in chunks, with what decides for each change of the log whether the snapshot contains it.
 *
 * <p>So "snapshot, then live" is: hand on the rows; then hand on, from {@link SnapshotCut#from} in the order of the log, each change that {@link SnapshotCut#contains} does not contain. From
 * {@link SnapshotCut#until} on there is nothing left to ask.
 *
 * <p>Thread-safe.
 */
public interface RowSource {

    /**
     * Asks for rows. Returns at once. The handler is called on the reader's threads; only a refusal is told before this returns.
     *
     * <p>Requests that are equal and have not begun yet are read together, and get the same chunks at the same moments: the slowest of them sets the pace, within the reader's limits.
     */
    SnapshotReading read(SnapshotRequest request, SnapshotHandler handler);
}
