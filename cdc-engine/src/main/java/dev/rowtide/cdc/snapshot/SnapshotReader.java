package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.snapshot.SharedScan.Recipient;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads snapshots for whoever asks: a queue with an end, a few threads ({@code snapshot-0}, …) with a connection each, and a clock ({@code snapshot-clock}) that ends what takes too long.
 *
 * <p>A fixed set of threads and not a pool of connections: a scan keeps its connection from the first row to the last, so threads and connections come in pairs anyway, and a pool would add a second
 * queue. Equal requests that wait are one scan, so a thousand subscribers who come at once cost what one does.
 *
 * <p>Thread-safe.
 */
public final class SnapshotReader implements RowSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotReader.class);
    /** An idle connection is closed: it counts on the server, and most databases are asked for snapshots rarely. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSE_MILLIS = 15_000;
    private static final long WARNING_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Duration WHEN_FULL = Duration.ofSeconds(5);

    private final SnapshotSource source;
    private final SnapshotLimits limits;
    private final List<Worker> workers = new ArrayList<>();
    private final Thread clock = new Thread(this::watch, "snapshot-clock");

    /** Other parties: those who ask, the workers and the clock. Taken before a scan's own lock, never after it; no handler is called under it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition asked = lock.newCondition();
    private final Condition ended = lock.newCondition();
    private final Map<SnapshotRequest, SharedScan> waiting = new LinkedHashMap<>();
    private int waitingRequests;
    private @Nullable EngineRunName run;
    private String whyNotReady = "the engine has not been started";
    private boolean closed;

    public SnapshotReader(SnapshotSource source, SnapshotLimits limits) {
        this.source = source;
        this.limits = limits;
        for (int i = 0; i < limits.connections(); i++) {
            workers.add(new Worker(i));
        }
    }

    /** Starts the threads; none connects before there is something to read. */
    public void start() {
        workers.forEach(worker -> worker.thread.start());
        clock.start();
    }

    /** Changes are flowing: snapshots can be cut. */
    public void ready(EngineRunName now) {
        lock.lock();
        try {
            run = now;
        } finally {
            lock.unlock();
        }
    }

    /** No snapshot is begun until {@link #ready}; what is being read is read to its end, since a cut remains true. */
    public void notReady(String why) {
        lock.lock();
        try {
            run = null;
            whyNotReady = why;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SnapshotReading read(SnapshotRequest request, SnapshotHandler handler) {
        SnapshotFailure refusal;
        lock.lock();
        try {
            refusal = refusal(request);
            if (refusal == null) {
                SharedScan scan = waiting.computeIfAbsent(request, same -> new SharedScan(same, limits));
                Recipient recipient = scan.join(handler);
                waitingRequests++;
                asked.signal();
                return new Reading(scan, recipient);
            }
        } finally {
            lock.unlock();
        }
        handler.failed(refusal);
        return Refused.READING;
    }

    private @Nullable SnapshotFailure refusal(SnapshotRequest request) {
        if (closed) {
            return stopping();
        }
        if (run == null) {
            return new SnapshotFailure("no snapshot can be taken now: " + whyNotReady, SharedScan.SOON);
        }
        if (!source.resources().exists(request.resource())) {
            return new SnapshotFailure("there is no resource '" + request.resource() + "'", null);
        }
        if (waitingRequests >= limits.maxWaiting()) {
            return new SnapshotFailure(
                    waitingRequests
                            + " requests for snapshots are waiting already, which is the limit (snapshot.max-waiting): try again later",
                    WHEN_FULL);
        }
        return null;
    }

    private static SnapshotFailure stopping() {
        return new SnapshotFailure("the bridge is stopping", SharedScan.SOON);
    }

    /** What one who asked has in the hand. */
    private final class Reading implements SnapshotReading {
        private final SharedScan scan;
        private final Recipient recipient;

        Reading(SharedScan scan, Recipient recipient) {
            this.scan = scan;
            this.recipient = recipient;
        }

        @Override
        public void request(int chunks) {
            if (chunks < 1) {
                throw new IllegalArgumentException("one chunk at least can be asked for, not " + chunks);
            }
            scan.demand(recipient, chunks);
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                if (scan.leave(recipient) && waiting.get(scan.request()) == scan) {
                    waitingRequests--;
                    if (scan.size() == 0) {
                        waiting.remove(scan.request());
                    }
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Of a request that was refused: there is nothing to come. */
    private enum Refused implements SnapshotReading {
        READING;

        @Override
        public void request(int chunks) {}

        @Override
        public void cancel() {}
    }

    /** One thread and its connection. */
    private final class Worker implements Runnable {
        private final SnapshotScanner scanner = source.scanner(limits);
        private final Thread thread;
        /** Guarded by the worker: the clock must not interrupt the next scan when it means this one. */
        private @Nullable SharedScan current;

        private long nextWarningNanos = System.nanoTime();

        Worker(int number) {
            thread = new Thread(this, "snapshot-" + number);
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            try (scanner) {
                while (true) {
                    SharedScan scan = take();
                    if (scan != null) {
                        setCurrent(scan);
                        if (isClosed()) {
                            scan.stop(stopping()); // close() may have looked for it before it was there
                        }
                        try {
                            read(scan);
                        } finally {
                            setCurrent(null);
                        }
                    } else if (isClosed()) {
                        return;
                    } else {
                        scanner.close();
                    }
                }
            } catch (InterruptedException e) {
                LOG.debug("{} was interrupted", thread.getName());
            }
        }

        private void read(SharedScan scan) {
            scan.started();
            try {
                scanner.scan(toRead(scan.request()), scan);
                scan.end();
            } catch (ScanEndedException e) {
                scan.fail(stopping());
            } catch (SourceFailure e) {
                if (!scan.over()) {
                    say(scan, e);
                }
                scan.fail(new SnapshotFailure(e.sentence(), e.passes() ? SharedScan.SOON : null));
            } catch (RuntimeException | Error e) { // a dead thread would be a connection that is always busy
                LOG.error("A snapshot of {} met an unexpected failure", scan.resource(), e);
                scanner.close();
                scan.fail(new SnapshotFailure("the snapshot met an unexpected failure: " + e, SharedScan.SOON));
            }
        }

        /** Those who asked are told each; a person once in a while, since clients can ask for what cannot be had as often as they like. */
        private void say(SharedScan scan, SourceFailure failure) {
            if (System.nanoTime() - nextWarningNanos >= 0) {
                nextWarningNanos = System.nanoTime() + WARNING_NANOS;
                LOG.warn("A snapshot of {} failed: {}", scan.resource(), failure.sentence());
            }
            LOG.debug("A snapshot of {} failed", scan.resource(), failure);
        }

        private synchronized void setCurrent(@Nullable SharedScan scan) {
            current = scan;
        }

        /** The database may work for a long time without bringing a row. */
        synchronized void interruptIfOver() {
            if (current != null && current.over()) {
                scanner.interrupt();
            }
        }

        synchronized void stop() {
            if (current != null) {
                current.stop(stopping());
                scanner.interrupt();
            }
        }
    }

    /** What is read: of the resource as it is now, which may be another than when it was asked for. */
    private SnapshotScan toRead(SnapshotRequest request) throws SourceFailure {
        EngineRunName now;
        lock.lock();
        try {
            if (run == null) {
                throw SourceFailure.passing("no snapshot can be taken now: " + whyNotReady);
            }
            now = run;
        } finally {
            lock.unlock();
        }
        ResourceConfig resource = source.resources().ofName(request.resource());
        if (resource == null) {
            throw SourceFailure.permanent("there is no resource '" + request.resource() + "' any more");
        }
        return new SnapshotScan(resource, request.recordId(), condition(request), request.columns(), now);
    }

    private SqlCondition condition(SnapshotRequest request) throws SourceFailure {
        if (request.filter().equals(RowFilter.ALL)) {
            return SqlCondition.NONE;
        }
        RowShape shape = source.resources()
                .shape(request.resource())
                .orElseThrow(() -> SourceFailure.passing("nobody has looked at the columns of '" + request.resource()
                        + "' yet, so its rows cannot be filtered"));
        try {
            return SqlCondition.of(request.filter(), shape, source.dialect());
        } catch (InvalidFilterException e) {
            throw SourceFailure.permanent(e.sentence());
        }
    }

    /** The oldest scan; null if there was none for a while, or there will be none. */
    private @Nullable SharedScan take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = IDLE_NANOS;
            while (!closed && waiting.isEmpty() && left > 0) {
                left = asked.awaitNanos(left);
            }
            Iterator<SharedScan> oldest = waiting.values().iterator();
            if (closed || !oldest.hasNext()) {
                return null;
            }
            SharedScan scan = oldest.next();
            oldest.remove();
            waitingRequests -= scan.size();
            return scan;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** The clock. */
    private void watch() {
        try {
            while (true) {
                List<SharedScan> late = new ArrayList<>();
                lock.lockInterruptibly();
                try {
                    if (closed) {
                        return;
                    }
                    ended.awaitNanos(TICK_NANOS);
                    waiting.values().removeIf(scan -> scan.waitedTooLong() && late.add(scan));
                    late.forEach(scan -> waitingRequests -= scan.size());
                } finally {
                    lock.unlock();
                }
                late.forEach(scan -> scan.fail(new SnapshotFailure(
                        "the snapshot of '" + scan.resource() + "' was not begun within "
                                + SharedScan.seconds(limits.maxWait()) + " (snapshot.max-wait), since all "
                                + limits.connections() + " connections for snapshots are busy: try again later",
                        WHEN_FULL)));
                workers.forEach(Worker::interruptIfOver);
            }
        } catch (InterruptedException e) {
            LOG.debug("The clock was interrupted");
        }
    }

    /** Ends what is being read, and tells everybody. Waits at most 15 s. */
    @Override
    public void close() {
        List<SharedScan> unread;
        lock.lock();
        try {
            closed = true;
            unread = List.copyOf(waiting.values());
            waiting.clear();
            waitingRequests = 0;
            asked.signalAll();
            ended.signalAll();
        } finally {
            lock.unlock();
        }
        unread.forEach(scan -> scan.fail(stopping()));
        workers.forEach(Worker::stop);
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        for (Worker worker : workers) {
            try {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                worker.thread.join(Math.max(1, left));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (worker.thread.isAlive()) {
                LOG.warn("{} did not end within {} s and is left behind", worker.thread.getName(), CLOSE_MILLIS / 1000);
                worker.thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
