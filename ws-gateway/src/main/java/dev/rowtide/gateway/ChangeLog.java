package dev.rowtide.gateway;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What was published and is not delivered yet, in position order, without what was published before.
 *
 * <p>Two threads: the publisher appends, the fan-out thread {@linkplain #next takes}. The queue between them is bounded; when {@value #MAX_ENTRIES} batches wait
 * the publisher waits too, which pushes back to the replication slot. It waits for the fan-out thread only, and that never waits for a peer.
 *
 * <p>The fan-out thread pulls and is not called, because the history that subscribers will resume from belongs here: live delivery is then one cursor
 * among others, and a peer that lags gets a cursor of its own.
 */
final class ChangeLog implements ChangeSink {
    private static final int MAX_ENTRIES = 16;
    private static final long CLOSED_CHECK_MILLIS = 100;

    /** One thing that the publisher said. */
    sealed interface Entry {}

    /** @param publishedNanos when it was published, by {@link Ticker#nanos} */
    record Batch(List<DataChangeEvent> events, long publishedNanos) implements Entry {}

    record Reached(Position boundary) implements Entry {}

    record Lost(GapReason reason, Position first) implements Entry {}

    private final BlockingQueue<Entry> entries = new ArrayBlockingQueue<>(MAX_ENTRIES);
    private final Ticker ticker;
    private final Runnable onEntry;
    private volatile boolean closed;
    private volatile @Nullable Position delivered;
    private @Nullable Position last; // publisher's thread only

    /** @param onEntry called on the publisher's thread after something was appended; wakes the fan-out thread */
    ChangeLog(Ticker ticker, Runnable onEntry) {
        this.ticker = ticker;
        this.onEntry = onEntry;
    }

    @Override
    public void publish(List<DataChangeEvent> batch) throws InterruptedException {
        append(batch);
    }

    private void append(List<DataChangeEvent> batch) throws InterruptedException {
        Position lastBefore = last;
        List<DataChangeEvent> events = withoutPublished(batch);
        if (events.isEmpty()) {
            return;
        }
        try {
            put(new Batch(events, ticker.nanos()));
        } catch (InterruptedException e) {
            last = lastBefore; // not published, so it must not be dropped when it comes again
            throw e;
        }
    }

    @Override
    public void reached(Position boundary) throws InterruptedException {
        if (last == null || boundary.isAfter(last)) {
            put(new Reached(boundary));
            last = boundary;
        }
    }

    @Override
    public void sourceLost(GapReason reason, Position first) throws InterruptedException {
        put(new Lost(reason, first));
        last = first;
    }

    /**
     * The last boundary before which everything was written to the peers that keep up; null before the first. Thread-safe. What waits for a slower peer is in memory only
     * and is lost with the process, until there is a history to resume from.
     */
    @Override
    public @Nullable Position delivered() {
        return delivered;
    }

    /** Fan-out thread, when a cycle's writes are done. */
    void deliveredUpTo(@Nullable Position boundary) {
        delivered = boundary;
    }

    /** The oldest that was not taken, or null; fan-out thread. */
    @Nullable
    Entry next() {
        return entries.poll();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Nothing is taken from publishers any more: one that waits, or comes later, is told. What was appended is still delivered. */
    void close() {
        closed = true;
    }

    /** The events after {@link #last}, which then is the last of them. The whole list, not copied, in the usual case. */
    private List<DataChangeEvent> withoutPublished(List<DataChangeEvent> batch) {
        List<DataChangeEvent> kept = batch;
        for (int i = 0; i < batch.size(); i++) {
            DataChangeEvent event = batch.get(i);
            boolean isNew = last == null || event.position().isAfter(last);
            if (isNew) {
                last = event.position();
            } else if (kept == batch) {
                kept = new ArrayList<>(batch.subList(0, i));
            }
            if (isNew && kept != batch) {
                kept.add(event);
            }
        }
        return kept;
    }

    private void put(Entry entry) throws InterruptedException {
        do {
            if (closed) {
                throw new IllegalStateException(
                        "the gateway is stopping and takes no changes any more; stop the source first");
            }
        } while (!entries.offer(entry, CLOSED_CHECK_MILLIS, TimeUnit.MILLISECONDS));
        onEntry.run();
    }
}
