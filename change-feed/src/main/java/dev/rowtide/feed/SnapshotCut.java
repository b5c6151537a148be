package dev.rowtide.feed;

/**
 * Where a snapshot cuts the log. Immutable, and true for ever.
 *
 * <p>A database does not make commits visible in exactly the order of its log, and its log may be read faster than commits become visible. So the cut is no single position: it is a stretch of the log
 * in which each change has to be asked about. Before {@link #from} everything is in the snapshot, from {@link #until} on nothing is. The stream may stand on either side: a change in the
 * stretch may be one that was delivered long before the snapshot was taken, which is why whoever takes a snapshot has to look back.
 */
public interface SnapshotCut {

    /** Whether the snapshot contains a change, of any position. One of another epoch has no answer; it means that the rows are worth nothing any more. */
    boolean contains(DataChangeEvent change);

    /** The place from which on changes have to be looked at: each one before it is contained. Never after {@link #until}. */
    Position from();

    /** The place from which on no change is contained. It may be beyond everything that the log has brought so far. */
    Position until();
}
