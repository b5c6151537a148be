package dev.rowtide.gateway;

import dev.rowtide.gateway.protocol.FrameBatch;
import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait for one peer, in the order in which they were added: references to shared {@link FrameBatch}es, never copies of large ones. Fan-out thread only.
 *
 * <p>Row changes can be had again from the history, so they are always taken and who adds them asks first whether this {@linkplain #isFull is full}. Everything else (answers, presence,
 * broadcasts) is nowhere else, and has a bound of its own. An empty outbox holds no object, there being one for each idle connection.
 */
final class Outbox {
    /** How many bytes may wait that are no row changes; a peer that lets that much pile up is not in the conversation any more. */
    static final int MAX_OTHER_BYTES = 4 * 1024 * 1024;

    // A run that is a smaller part of its batch than this is copied out of it when it has to wait.
    private static final int KEPT_SHARE = 4;
    private static final int COPY_BYTES = 64 * 1024;

    /** Consecutive frames of one batch. */
    private static final class Run {
        final FrameBatch batch;
        final boolean change;
        int first;
        int last;

        @Nullable
        Run next;

        Run(FrameBatch batch, int frame, boolean change) {
            this.batch = batch;
            this.change = change;
            this.first = frame;
            this.last = frame + 1;
        }

        boolean isTaken() {
            return first == last;
        }
    }

    private final long maxBytes;
    private long bytes;
    private long added;
    private long taken;
    private long otherBytes;
    private @Nullable Run head;
    private @Nullable Run tail;
    private @Nullable FrameBatch copies;

    // The first run of the batch that was added to last, and the run before it.
    private @Nullable Run newest;
    private @Nullable Run newestBefore;

    Outbox(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Adds a row change, whatever waits. */
    void addChange(FrameBatch batch, int frame) {
        append(batch, frame, true);
    }

    /** Adds anything else. False if it would pass the bound, then nothing is added; the only frame may be of any size. */
    boolean add(FrameBatch batch, int frame) {
        int size = batch.bytes(frame);
        if (head != null && otherBytes + size > MAX_OTHER_BYTES) {
            return false;
        }
        otherBytes += size;
        append(batch, frame, false);
        return true;
    }

    private void append(FrameBatch batch, int frame, boolean change) {
        int size = batch.bytes(frame);
        bytes += size;
        added += size;
        place(batch, frame, change);
    }

    /** Whether as much waits as may wait. */
    boolean isFull() {
        return bytes >= maxBytes;
    }

    boolean isEmpty() {
        return head == null;
    }

    /** The payloads that wait, in bytes. */
    long bytes() {
        return bytes;
    }

    /** The payloads that were ever added, in bytes: a place in this peer's stream. */
    long added() {
        return added;
    }

    /** The payloads that were ever taken, in bytes. */
    long taken() {
        return taken;
    }

    /** Takes the first frame: its payload, in a buffer of its own over shared bytes. */
    ByteBuffer take() {
        Run run = head;
        if (run == null) {
            throw new NoSuchElementException();
        }
        ByteBuffer payload = run.batch.payload(run.first);
        bytes -= payload.remaining();
        taken += payload.remaining();
        otherBytes -= run.change ? 0 : payload.remaining();
        if (++run.first == run.last) {
            head = run.next;
            if (head == null) {
                clear();
            }
        }
        return payload;
    }

    void clear() {
        head = null;
        tail = null;
        copies = null;
        newest = null;
        newestBefore = null;
        bytes = 0;
        otherBytes = 0;
    }

    /**
     * To be called when a cycle leaves frames here, of which the newest are of {@code batch}. A peer that waits for a few bytes of each of many large batches would keep all of them in memory,
     * far beyond its bound; so a small share is copied, and the batch is let go. Returns whether something was copied.
     */
    boolean settle(FrameBatch batch) {
        Run run = newest;
        // Not searched from the head: a peer that stands still may have very many runs.
        if (run == null || run.batch != batch || head == null) {
            return false;
        }
        Run before = newestBefore;
        return settle(before != null && before.isTaken() ? null : before, run);
    }

    /** The same for all that is here, when it comes from many batches. */
    void settleAll() {
        if (head != null) {
            settle(null, head);
        }
    }

    /** Copies what is a small share of its batch among the runs from {@code first} on, which stands behind {@code before}. */
    private boolean settle(@Nullable Run before, Run first) {
        newest = null;
        newestBefore = null;
        tail = before;
        if (before == null) {
            head = null;
        } else {
            before.next = null;
        }
        boolean copied = false;
        Run run = first;
        while (run != null) {
            FrameBatch batch = run.batch;
            long waiting = 0;
            for (Run same = run; same != null && same.batch == batch; same = same.next) {
                waiting += batch.bytes(same.first, same.last);
            }
            boolean copy = waiting * KEPT_SHARE <= batch.bytes();
            copied |= copy;
            for (; run != null && run.batch == batch; run = run.next) {
                for (int frame = run.first; frame < run.last; frame++) {
                    if (copy) {
                        FrameBatch to = copies();
                        place(to, to.copyOf(batch, frame), run.change);
                    } else {
                        place(batch, frame, run.change);
                    }
                }
            }
        }
        return copied;
    }

    private FrameBatch copies() {
        FrameBatch to = copies;
        if (to == null || to.bytes() > COPY_BYTES) {
            to = new FrameBatch();
            copies = to;
        }
        return to;
    }

    private void place(FrameBatch batch, int frame, boolean change) {
        Run end = tail;
        if (end != null && end.batch == batch && end.last == frame && end.change == change) {
            end.last++;
            return;
        }
        Run run = new Run(batch, frame, change);
        if (end == null || end.batch != batch) {
            newestBefore = end;
            newest = run;
        }
        if (end == null) {
            head = run;
        } else {
            end.next = run;
        }
        tail = run;
    }
}
