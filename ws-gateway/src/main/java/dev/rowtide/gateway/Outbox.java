package dev.rowtide.gateway;

import dev.rowtide.gateway.protocol.FrameBatch;
import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait for one peer, in the order in which they were added: references to shared {@link FrameBatch}es, never copies of large ones. Fan-out thread only.
 *
 * <p>Bounded twice: by all that waits, and more tightly by the broadcasts among it, because row changes can be had again and broadcasts cannot. What to do at the
 * bound is decided by who adds. An empty outbox holds no object, there being one for each idle connection.
 */
final class Outbox {
    /** How many bytes of broadcasts may wait; a peer that lets that much pile up is not in the conversation any more. */
    static final int MAX_BROADCAST_BYTES = 4 * 1024 * 1024;

    // A run that is a smaller part of its batch than this is copied out of it when it has to wait.
    private static final int KEPT_SHARE = 4;
    private static final int COPY_BYTES = 64 * 1024;

    /** Consecutive frames of one batch. */
    private static final class Run {
        final FrameBatch batch;
        final boolean broadcast;
        int first;
        int last;

        @Nullable
        Run next;

        Run(FrameBatch batch, int frame, boolean broadcast) {
            this.batch = batch;
            this.broadcast = broadcast;
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
    private long broadcastBytes;
    private @Nullable Run head;
    private @Nullable Run tail;
    private @Nullable FrameBatch copies;

    // The first run of the batch that was added to last, and the run before it.
    private @Nullable Run newest;
    private @Nullable Run newestBefore;

    Outbox(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds a frame. False if it would pass a bound, then nothing is added. The only frame may be of any size: a row that is larger than the bound is not the
     * peer's fault.
     */
    boolean add(FrameBatch batch, int frame, boolean broadcast) {
        int size = batch.bytes(frame);
        if (head != null && (bytes + size > maxBytes || (broadcast && broadcastBytes + size > MAX_BROADCAST_BYTES))) {
            return false;
        }
        bytes += size;
        added += size;
        broadcastBytes += broadcast ? size : 0;
        Run end = tail;
        if (end != null && end.batch == batch && end.last == frame && end.broadcast == broadcast) {
            end.last++;
        } else {
            append(new Run(batch, frame, broadcast));
        }
        return true;
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
        broadcastBytes -= run.broadcast ? payload.remaining() : 0;
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
        broadcastBytes = 0;
    }

    /**
     * To be called when a cycle leaves frames of {@code batch} here. A peer that waits for a few bytes of each of many large batches would keep all of them in memory,
     * far beyond its bound; so a small share is copied, and the batch is let go.
     */
    void settle(FrameBatch batch) {
        Run before = newestBefore;
        Run run = newest;
        // Not searched from the head: a peer that stands still may have very many runs.
        if (run == null || run.batch != batch || head == null) {
            return;
        }
        if (before != null && before.isTaken()) {
            before = null;
        }
        long waiting = 0;
        for (Run r = run; r != null; r = r.next) {
            waiting += r.batch.bytes(r.first, r.last);
        }
        if (waiting * KEPT_SHARE > batch.bytes()) {
            return;
        }
        newest = null;
        newestBefore = null;
        tail = before;
        if (before == null) {
            head = null;
        } else {
            before.next = null;
        }
        for (Run r = run; r != null; r = r.next) {
            for (int frame = r.first; frame < r.last; frame++) {
                FrameBatch to = copies;
                if (to == null || to.bytes() > COPY_BYTES) {
                    to = new FrameBatch();
                    copies = to;
                }
                int copy = to.copyOf(batch, frame);
                Run end = tail;
                if (end != null && end.batch == to && end.last == copy && end.broadcast == r.broadcast) {
                    end.last++;
                } else {
                    append(new Run(to, copy, r.broadcast));
                }
            }
        }
    }

    private void append(Run run) {
        if (tail == null || tail.batch != run.batch) {
            newestBefore = tail;
            newest = run;
        }
        if (tail == null) {
            head = run;
        } else {
            tail.next = run;
        }
        tail = run;
    }
}
