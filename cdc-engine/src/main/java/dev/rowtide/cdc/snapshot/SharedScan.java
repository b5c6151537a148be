package dev.rowtide.cdc.snapshot;

import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of rows, and all those who get them: rows in, chunks out, as fast as the slowest of them asks, within the limits.
 *
 * <p>Handlers are called by one thread at a time: while it waits, the one that removed it from the queue; then the reader thread that it was handed to.
 */
final class SharedScan implements SnapshotScanner.Output {
    private static final Logger LOG = LoggerFactory.getLogger(SharedScan.class);

    /** A chunk is handed out when it has so many rows, or its rows so many characters of JSON. A row that is larger is a chunk by itself. */
    static final int CHUNK_ROWS = 1000;

    static final int CHUNK_CHARACTERS = 256 * 1024;
    /** After a passing failure: long enough not to add to what is wrong. */
    static final Duration SOON = Duration.ofSeconds(1);

    private final SnapshotRequest request;
    private final SnapshotLimits limits;
    private final long askedNanos = System.nanoTime();

    /** Other parties: those who ask for chunks or leave, the clock, and who closes the reader. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final List<Recipient> recipients = new ArrayList<>();
    private @Nullable SnapshotFailure stopped;
    private long deadlineNanos;

    private List<SnapshotRow> chunk = new ArrayList<>();
    private int chunkCharacters;

    /** One who gets the rows. What changes is guarded by the scan's lock. */
    static final class Recipient {
        private final SnapshotHandler handler;
        private int demand;
        private boolean gone;

        Recipient(SnapshotHandler handler) {
            this.handler = handler;
        }
    }

    SharedScan(SnapshotRequest request, SnapshotLimits limits) {
        this.request = request;
        this.limits = limits;
    }

    SnapshotRequest request() {
        return request;
    }

    String resource() {
        return request.resource();
    }

    /** One more, before it begins. */
    Recipient join(SnapshotHandler handler) {
        Recipient recipient = new Recipient(handler);
        locked(() -> recipients.add(recipient));
        return recipient;
    }

    void demand(Recipient recipient, int chunks) {
        locked(() -> {
            recipient.demand = (int) Math.min(Integer.MAX_VALUE, (long) recipient.demand + chunks);
            changed.signalAll();
        });
    }

    /** @return whether it was still there */
    boolean leave(Recipient recipient) {
        lock.lock();
        try {
            boolean there = !recipient.gone;
            recipient.gone = true;
            changed.signalAll();
            return there;
        } finally {
            lock.unlock();
        }
    }

    /** How many still want it. */
    int size() {
        lock.lock();
        try {
            return (int) recipients.stream().filter(r -> !r.gone).count();
        } finally {
            lock.unlock();
        }
    }

    /** It is being read from now on, and has an end. */
    void started() {
        locked(() -> deadlineNanos = System.nanoTime() + limits.maxTime().toNanos());
    }

    /** Whether reading on makes no sense; {@link #started} came before. */
    boolean over() {
        lock.lock();
        try {
            return !unwanted().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Has the reader thread stop at its next row, or while it waits. */
    void stop(SnapshotFailure why) {
        locked(() -> {
            stopped = stopped == null ? why : stopped;
            changed.signalAll();
        });
    }

    @Override
    public void begin(SnapshotCut cut) throws ScanEndedException {
        requireWanted();
        live().forEach(recipient -> call(recipient, handler -> handler.begin(cut)));
    }

    @Override
    public void row(SnapshotRow row, int characters) throws ScanEndedException {
        if (!chunk.isEmpty() && chunkCharacters + characters > CHUNK_CHARACTERS) {
            handOut();
        }
        chunk.add(row);
        chunkCharacters += characters;
        if (chunk.size() >= CHUNK_ROWS || chunkCharacters >= CHUNK_CHARACTERS) {
            handOut();
        }
    }

    /** All rows are there. */
    void end() throws ScanEndedException {
        if (!chunk.isEmpty()) {
            handOut();
        }
        requireWanted();
        leaving(live(), SnapshotHandler::end);
    }

    /** Ends it for all who are still there. What was told to {@link #stop} it, if anything, goes before {@code failure}. */
    void fail(SnapshotFailure failure) {
        SnapshotFailure why = reason(failure);
        leaving(live(), handler -> handler.failed(why));
    }

    private SnapshotFailure reason(SnapshotFailure failure) {
        lock.lock();
        try {
            if (stopped != null) {
                return stopped;
            }
            return overdue() ? overdueFailure() : failure;
        } finally {
            lock.unlock();
        }
    }

    private void handOut() throws ScanEndedException {
        List<SnapshotRow> rows = List.copyOf(chunk);
        chunk = new ArrayList<>();
        chunkCharacters = 0;
        awaitDemand();
        List<Recipient> taking = new ArrayList<>();
        List<Recipient> stalled = new ArrayList<>();
        locked(() -> {
            for (Recipient recipient : recipients) {
                if (!recipient.gone && recipient.demand > 0) {
                    recipient.demand--;
                    taking.add(recipient);
                } else if (!recipient.gone) {
                    stalled.add(recipient);
                }
            }
        });
        leaving(stalled, handler -> handler.failed(stalledFailure()));
        taking.forEach(recipient -> call(recipient, handler -> handler.rows(rows)));
    }

    /** Until everybody wants a chunk, or those who do have waited long enough for the others. */
    private void awaitDemand() throws ScanEndedException {
        long end = System.nanoTime() + limits.maxStall().toNanos();
        lock.lock();
        try {
            while (true) {
                if (!unwanted().isEmpty()) {
                    throw new ScanEndedException();
                }
                long now = System.nanoTime();
                long left = Math.min(end - now, deadlineNanos - now);
                if (left <= 0 || recipients.stream().allMatch(r -> r.gone || r.demand > 0)) {
                    return;
                }
                changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ScanEndedException();
        } finally {
            lock.unlock();
        }
    }

    private void requireWanted() throws ScanEndedException {
        if (over()) {
            throw new ScanEndedException();
        }
    }

    /** Why nobody wants the rest; empty if somebody does. Under the lock. */
    private String unwanted() {
        if (stopped != null) {
            return stopped.sentence();
        }
        if (overdue()) {
            return overdueFailure().sentence();
        }
        return recipients.stream().allMatch(r -> r.gone) ? "all have left" : "";
    }

    private boolean overdue() {
        return deadlineNanos != 0 && System.nanoTime() - deadlineNanos >= 0;
    }

    private List<Recipient> live() {
        lock.lock();
        try {
            return recipients.stream().filter(r -> !r.gone).toList();
        } finally {
            lock.unlock();
        }
    }

    /** The last call to each of them. */
    private void leaving(List<Recipient> leavers, Consumer<SnapshotHandler> lastCall) {
        for (Recipient recipient : leavers) {
            call(recipient, handler -> {
                leave(recipient);
                lastCall.accept(handler);
            });
        }
    }

    private void call(Recipient recipient, Consumer<SnapshotHandler> call) {
        lock.lock();
        try {
            if (recipient.gone) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            call.accept(recipient.handler);
        } catch (RuntimeException e) {
            LOG.error("A handler of a snapshot of {} failed, and gets no more of it", resource(), e);
            leave(recipient);
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private SnapshotFailure overdueFailure() {
        return new SnapshotFailure(
                "the snapshot of '" + resource() + "' was given up after "
                        + seconds(limits.maxTime())
                        + " (snapshot.max-time): ask for fewer rows or columns, or read faster",
                null);
    }

    private SnapshotFailure stalledFailure() {
        return new SnapshotFailure(
                "the snapshot of '" + resource() + "' was given up because nothing of it was taken for "
                        + seconds(limits.maxStall()) + " (snapshot.max-stall): read faster, or ask for fewer rows",
                SOON);
    }

    static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    /** Whether it has waited too long to begin. */
    boolean waitedTooLong() {
        return System.nanoTime() - askedNanos > limits.maxWait().toNanos();
    }
}
