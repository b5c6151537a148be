package dev.rowtide.feed;

/** One {@link RowSource#read} under way. Thread-safe. */
public interface SnapshotReading {

    /**
     * Lets that many more chunks come. None comes without; and whoever leaves a chunk waiting for too long gets {@link SnapshotHandler#failed}, because a snapshot that is open is a burden to the
     * database.
     *
     * @param chunks 1 or more
     */
    void request(int chunks);

    /** No more is wanted. The handler is not called any more, but for a call that has begun. */
    void cancel();
}
