package dev.rowtide.feed;

import java.util.List;

/**
 * Takes the rows of one {@link RowSource#read}: {@link #begin}, any number of {@link #rows}, {@link #end}; or {@link #failed} at any moment, as the last call. One call at a time, on the
 * reader's threads, which read for others too: an implementation hands on and does not wait. After {@link SnapshotReading#cancel} a call that has begun already may still end.
 */
public interface SnapshotHandler {

    /** The snapshot is taken. Before the first rows, and needs no demand. */
    void begin(SnapshotCut cut);

    /**
     * Rows of the snapshot, in no particular order. Only as often as was {@linkplain SnapshotReading#request asked for}.
     *
     * @param chunk not empty; immutable
     */
    void rows(List<SnapshotRow> chunk);

    /** That were all rows. Needs no demand. */
    void end();

    /** There are no (more) rows; those of before mean nothing. */
    void failed(SnapshotFailure failure);
}
