package dev.rowtide.feed;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where changes go. The engine publishes, whatever keeps and delivers them implements this.
 *
 * <p>All methods are called by one thread at a time, in delivery order. An implementation may block to push back (bounded batches in
 * flight, down to the replication slot) but never because of a single subscriber.
 */
public interface ChangeSink {

    /**
     * Takes changes in commit order. A change whose position has been published before is dropped here: after a crash inside a
     * transaction the database sends the whole transaction again.
     *
     * @param batch not empty; immutable from now on. A large transaction spans many batches
     * @throws InterruptedException if the thread is interrupted while it waits for room; the batch then counts as not published
     */
    void publish(List<DataChangeEvent> batch) throws InterruptedException;

    /**
     * Everything before {@code boundary} has been published. Comes after the last change of a transaction, and now and then on a quiet
     * database, so that a subscriber of a quiet channel knows how far it has seen.
     */
    void reached(Position boundary) throws InterruptedException;

    /**
     * The last {@linkplain #reached boundary} before which everything has been written to the sockets of all peers that keep up, or kept where it survives this
     * process; null before the first. Only up to here may the database forget its log: what was published and not yet delivered would be lost with the process.
     *
     * <p>Thread-safe and cheap; it does not wait.
     */
    @Nullable
    Position delivered();

    /**
     * A new epoch begins: positions of the old one mean nothing any more and changes may have been missed. Every subscriber of row
     * changes has to be told.
     *
     * @param reason what happened
     * @param first the boundary from which changes will be delivered
     */
    void sourceLost(GapReason reason, Position first) throws InterruptedException;
}
