package dev.rowtide.gateway;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.history.HistoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of the changes from the publisher to the fan-out thread, in position order, without what was published before. What is published is kept first, then
 * delivered.
 *
 * <p>Two threads: the publisher appends, the fan-out thread {@linkplain #next takes} and adds to the {@link History}. The queue between them is bounded; when {@value #MAX_ENTRIES} batches
 * wait the publisher waits too, which pushes back to the replication slot. It waits for the fan-out thread only, and that never waits for a peer.
 */
final class ChangeLog implements ChangeSink {
    private static final int MAX_ENTRIES = 16;
    private static final long CLOSED_CHECK_MILLIS = 100;

    /** One thing that the publisher said. */
    sealed interface Entry {}

    /** @param publishedNanos when it was published, by {@link Ticker#nanos} */
    record Batch(List<DataChangeEvent> events, HistoryStore.Pack pack, long publishedNanos) implements Entry {}

    /** Where the source begins, at or before the end of what was kept. */
    record Placed(Position boundary) implements Entry {}

    record Reached(Position boundary) implements Entry {}

    record Lost(GapReason reason, Position first) implements Entry {}

    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final Semaphore room = new Semaphore(MAX_ENTRIES);
    private final HistoryStore store;
    private final Ticker ticker;
    private final Runnable onEntry;
    private volatile boolean closed;
    private volatile @Nullable Position delivered;

    // The publisher's thread only.
    private @Nullable Position last;
    private boolean placed;

    /**
     * @param store where changes are kept
     * @param onEntry called on the publisher's thread after something was appended; wakes the fan-out thread
     */
    ChangeLog(HistoryStore store, Ticker ticker, Runnable onEntry) {
        this.store = store;
        this.ticker = ticker;
        this.onEntry = onEntry;
    }

    /**
     * Goes on where an earlier process has ended. Before anything is published.
     *
     * @param history gets what that process has kept
     * @throws IOException if what it kept cannot be looked at, with a sentence
     */
    void recover(History history) throws IOException {
        store.recover(new HistoryStore.Recovery() {
            @Override
            public void from(Position start) {
                history.recover(start);
                last = start;
            }

            @Override
            public void found(HistoryStore.Found changes) {
                history.append(changes.events(), changes.pack(), ticker.nanos());
                last = changes.events().get(changes.events().size() - 1).position();
            }

            @Override
            public void reached(Position boundary) {
                history.reached(boundary);
                last = boundary;
            }
        });
    }

    @Override
    public void publish(List<DataChangeEvent> batch) throws InterruptedException {
        append(batch);
    }

    private void append(List<DataChangeEvent> batch) throws InterruptedException {
        List<DataChangeEvent> events = withoutPublished(batch);
        if (events.isEmpty()) {
            return;
        }
        enter(() -> new Batch(events, store.append(events), ticker.nanos()));
        last = events.get(events.size() - 1).position();
        placed = true;
    }

    @Override
    public void reached(Position boundary) throws InterruptedException {
        Position newest = last;
        if (newest == null) {
            enter(() -> {
                store.restart(boundary);
                return new Placed(boundary);
            });
            last = boundary;
        } else if (!newest.epoch().equals(boundary.epoch())) {
            sourceLost(GapReason.EPOCH_CHANGED, boundary);
        } else if (!placed && boundary.isAfter(newest)) {
            // Behind the end of what an earlier process has kept: a power cut took the end of it, or for a while
            // nothing
            // was kept.
            sourceLost(GapReason.HISTORY_EXPIRED, boundary);
        } else if (!placed) {
            enter(() -> new Placed(boundary));
        } else if (boundary.isAfter(newest)) {
            enter(() -> {
                store.reached(boundary);
                return new Reached(boundary);
            });
            last = boundary;
        }
        placed = true;
    }

    @Override
    public void sourceLost(GapReason reason, Position first) throws InterruptedException {
        enter(() -> {
            store.restart(first);
            return new Lost(reason, first);
        });
        last = first;
        placed = true;
    }

    /**
     * The last boundary before which everything was written to the peers that keep up; null before the first. Thread-safe. After a crash the source begins there again, so that
     * also peers that do not resume miss nothing.
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
        Entry entry = entries.poll();
        if (entry != null) {
            room.release();
        }
        return entry;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Nothing is taken from publishers any more: one that waits, or comes later, is told. What was appended is still delivered. */
    void close() {
        closed = true;
    }

    /** When nobody publishes any more. */
    void closeStore() {
        store.close();
    }

    /** The events after {@link #last}. The whole list, not copied, in the usual case. */
    private List<DataChangeEvent> withoutPublished(List<DataChangeEvent> batch) {
        Position newest = last;
        List<DataChangeEvent> kept = batch;
        for (int i = 0; i < batch.size(); i++) {
            DataChangeEvent event = batch.get(i);
            boolean isNew = newest == null || event.position().isAfter(newest);
            if (isNew) {
                newest = event.position();
            } else if (kept == batch) {
                kept = new ArrayList<>(batch.subList(0, i));
            }
            if (isNew && kept != batch) {
                kept.add(event);
            }
        }
        return kept;
    }

    /** Keeps something, and says what the fan-out thread is told about it. */
    private interface Keeping {
        Entry keep() throws IOException;
    }

    /** Waits for room, keeps, and hands over: what was kept is delivered, and what was not is not. */
    private void enter(Keeping keeping) throws InterruptedException {
        do {
            if (closed) {
                throw new IllegalStateException(
                        "the gateway is stopping and takes no changes any more; stop the source first");
            }
        } while (!room.tryAcquire(CLOSED_CHECK_MILLIS, TimeUnit.MILLISECONDS));
        boolean entered = false;
        try {
            entries.add(keeping.keep());
            entered = true;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "changes cannot be written to the history, so none are delivered: " + e.getMessage()
                            + "; make room on its disk, or set history.store to memory",
                    e);
        } finally {
            if (!entered) {
                room.release();
            }
        }
        onEntry.run();
    }
}
