package dev.rowtide.cdc.postgres;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the transactions that were delivered and that snapshots may not see yet, on the way of the changes to their sink.
 *
 * <p>A commit can be read from the log before it is visible: usually for microseconds, but with synchronous replication for as long as the standby takes. A snapshot of that time misses it, and it will
 * not come again. So whoever takes a snapshot must look back as far as the first such transaction, and this is who knows where that is. What a snapshot has seen is forgotten, so usually there are only those of
 * the last seconds.
 *
 * <p>Not remembered over a restart of the process: a transaction that was delivered before it and is still invisible after it is not looked back for. Only an absent synchronous standby makes one last
 * so long.
 *
 * <p>Thread-safe: the engine's thread adds, readers of snapshots look, and they and the supervisor forget.
 */
final class StreamedTransactions implements ChangeSink {
    private static final int FIRST_CAPACITY = 256;
    /** 12 bytes each. What is beyond is remembered by its first place alone, until a snapshot is beyond all of it. */
    private static final int MAX_REMEMBERED = 1 << 20;

    private final ChangeSink next;
    private final int maxRemembered;

    // Guarded by this. The two arrays belong together; commits need not be in order, since transactions come again.
    private @Nullable Position head;
    private int[] labels = new int[FIRST_CAPACITY];
    private long[] commits = new long[FIRST_CAPACITY];
    private int size;
    private @Nullable Unremembered unremembered;

    /** Transactions that there was no room for: the place of the first, and the newest label. */
    private record Unremembered(long commit, int newestLabel) {
        Unremembered and(Unremembered other) {
            return new Unremembered(
                    Long.compareUnsigned(commit, other.commit) < 0 ? commit : other.commit,
                    newestLabel - other.newestLabel > 0 ? newestLabel : other.newestLabel); // labels wrap around
        }
    }

    StreamedTransactions(ChangeSink next) {
        this(next, MAX_REMEMBERED);
    }

    StreamedTransactions(ChangeSink next, int maxRemembered) {
        this.next = next;
        this.maxRemembered = maxRemembered;
    }

    @Override
    public void publish(List<DataChangeEvent> batch) throws InterruptedException {
        remember(batch); // before anybody can have it
        next.publish(batch);
    }

    private synchronized void remember(List<DataChangeEvent> batch) {
        for (DataChangeEvent change : batch) {
            Position position = change.position();
            int label = PostgresCut.label(change.transaction().id());
            if (size == 0 || labels[size - 1] != label || commits[size - 1] != position.commit()) {
                add(label, position.commit());
            }
        }
        moveTo(batch.get(batch.size() - 1).position());
    }

    private void add(int label, long commit) {
        if (size == maxRemembered) {
            Unremembered all = new Unremembered(commit, label);
            unremembered = unremembered == null ? all : unremembered.and(all);
            return;
        }
        if (size == labels.length) {
            labels = Arrays.copyOf(labels, 2 * size);
            commits = Arrays.copyOf(commits, 2 * size);
        }
        labels[size] = label;
        commits[size] = commit;
        size++;
    }

    private void moveTo(Position position) {
        head = head == null || position.isAfter(head) ? position : head;
    }

    @Override
    public void reached(Position boundary) throws InterruptedException {
        synchronized (this) {
            moveTo(boundary);
        }
        next.reached(boundary);
    }

    @Override
    public @Nullable Position delivered() {
        return next.delivered();
    }

    /** Labels of another server, or of another history of this one, mean something else. */
    @Override
    public void sourceLost(GapReason reason, Position first) throws InterruptedException {
        synchronized (this) {
            size = 0;
            unremembered = null;
            head = first;
        }
        next.sourceLost(reason, first);
    }

    /** What is remembered now. To be taken before the snapshot that it is used with. Null before the first place in the log is known. */
    @Nullable
    synchronized View view() {
        return head == null
                ? null
                : new View(head, Arrays.copyOf(labels, size), Arrays.copyOf(commits, size), unremembered);
    }

    /** What had been delivered at one moment. */
    static final class View {
        private final Position head;
        private final int[] labels;
        private final long[] commits;
        private final @Nullable Unremembered unremembered;

        private View(Position head, int[] labels, long[] commits, @Nullable Unremembered unremembered) {
            this.head = head;
            this.labels = labels;
            this.commits = commits;
            this.unremembered = unremembered;
        }

        Epoch epoch() {
            return head.epoch();
        }

        /**
         * The place before which a snapshot that was taken later sees everything: what was delivered by then is asked for, what was not comes behind the head.
         */
        Position seenUntil(TransactionSnapshot snapshot) {
            Position seen = head;
            for (int i = 0; i < labels.length; i++) {
                if (!snapshot.sees(labels[i])) {
                    seen = earlier(seen, commits[i]);
                }
            }
            if (unremembered != null && !snapshot.isBeyond(unremembered.newestLabel())) {
                seen = earlier(seen, unremembered.commit());
            }
            return seen;
        }

        private static Position earlier(Position place, long commit) {
            Position boundary = Position.boundary(place.epoch(), commit);
            return place.isAfter(boundary) ? boundary : place;
        }
    }

    /** Forgets what this snapshot sees, since all later ones see it too. */
    synchronized void forgetSeen(TransactionSnapshot snapshot) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!snapshot.sees(labels[i])) {
                labels[kept] = labels[i];
                commits[kept] = commits[i];
                kept++;
            }
        }
        size = kept;
        if (unremembered != null && snapshot.isBeyond(unremembered.newestLabel())) {
            unremembered = null;
        }
    }

    /** How many are remembered. */
    synchronized int size() {
        return size;
    }
}
