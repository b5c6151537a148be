package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code sqlite-shadow}: brings the shadow to what was acknowledged, about once a second, or as soon as 32 MiB are waiting. The state makes it at open and ends it at close.
 *
 * <p>A flush holds every permit of the gate; whoever must not have the shadow change holds one.
 */
final class ShadowWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowWriter.class);
    private static final long EAGER_BYTES = 32L << 20;
    /** One flush takes about this much, so that closing need not wait for all of a long backlog. */
    private static final long FLUSH_BYTES = 256L << 20;

    private static final Duration LAST_FLUSHES = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PERMITS = 1 << 16;

    private final StateFiles files;
    private final long intervalNanos;
    private final Supplier<@Nullable CopiedDatabase> database;
    private final Runnable onFailure;
    private final Thread thread;
    private final Semaphore gate = new Semaphore(PERMITS);

    /** Other parties: acknowledging threads, and the one that closes. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition work = lock.newCondition();
    private long acknowledged;
    private boolean idle;
    private boolean closing;
    private boolean ended;
    private @Nullable Runnable whenEnded;

    private long lastFlushNanos;
    private volatile @Nullable Throwable failure;

    /**
     * @param interval between the end of a flush and the begin of the next, unless much is waiting
     * @param database what there is to write, null if there is no state
     * @param onFailure called on the thread, if it ends by an error
     */
    ShadowWriter(StateFiles files, Duration interval, Supplier<@Nullable CopiedDatabase> database, Runnable onFailure) {
        this.files = files;
        this.intervalNanos = interval.toNanos();
        this.lastFlushNanos = System.nanoTime() - intervalNanos;
        this.database = database;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, "sqlite-shadow");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Waits for a flush to end, and lets none begin. Not interruptible: the wait is as long as writing 256 MiB takes at most. */
    void keepStill() {
        gate.acquireUninterruptibly();
    }

    void letMove() {
        gate.release();
    }

    /** Like {@link #keepStill}, and waits for everybody else who does. */
    void keepAllStill() {
        gate.acquireUninterruptibly(PERMITS);
    }

    void letAllMove() {
        gate.release(PERMITS);
    }

    /** There is another state: nothing of it is acknowledged. */
    void reset() {
        lock.lock();
        try {
            acknowledged = Long.MIN_VALUE;
        } finally {
            lock.unlock();
        }
    }

    void acknowledge(CopiedDatabase current, long seq) {
        lock.lock();
        try {
            acknowledged =
                    Math.max(acknowledged, Math.min(seq, current.spool().tail().seq()));
            if (idle || current.spool().unflushedBytes(acknowledged) > EAGER_BYTES) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (awaitWork()) {
                flush(TimeUnit.SECONDS.toNanos(1));
            }
            long deadline = System.nanoTime() + LAST_FLUSHES.toNanos();
            for (long left = LAST_FLUSHES.toNanos(); left > 0 && pending(); left = deadline - System.nanoTime()) {
                flush(left);
            }
        } catch (Throwable e) {
            LOG.error("The shadow in {} cannot be written", files.directory(), e);
            failure = e;
            onFailure.run();
        }
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        if (whenEnded != null) {
            whenEnded.run();
        }
    }

    /** @return false if it is time to end */
    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            while (!closing) {
                if (!pending()) {
                    idle = true;
                    work.await();
                    idle = false;
                    continue;
                }
                long left = lastFlushNanos + intervalNanos - System.nanoTime();
                CopiedDatabase current = database.get();
                if (left <= 0 || (current != null && current.spool().unflushedBytes(acknowledged) > EAGER_BYTES)) {
                    return true;
                }
                work.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean pending() {
        CopiedDatabase current = database.get();
        return current != null && target(current, 0) > current.shadow().meta().seq();
    }

    private long target(CopiedDatabase current, long maxBytes) {
        lock.lock();
        try {
            return current.spool().flushTarget(acknowledged, maxBytes);
        } finally {
            lock.unlock();
        }
    }

    private void flush(long patienceNanos) throws IOException, InterruptedException {
        if (!gate.tryAcquire(PERMITS, patienceNanos, TimeUnit.NANOSECONDS)) {
            return;
        }
        try {
            CopiedDatabase current = database.get();
            if (current != null) {
                long target = target(current, FLUSH_BYTES);
                if (target > current.shadow().meta().seq()) {
                    new ShadowFlush(files, current).run(target);
                }
            }
        } finally {
            gate.release(PERMITS);
        }
        lastFlushNanos = System.nanoTime();
    }

    /**
     * Flushes what was acknowledged, as far as ten seconds reach; the rest is found in the spool by the next start. Ends the thread.
     *
     * @param release gives up the files, once the thread is certain not to use them: now, or later if it hangs in a write
     * @throws IOException if it hangs
     */
    void close(Runnable release) throws IOException {
        lock.lock();
        try {
            closing = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        joinUninterruptibly();
        lock.lock();
        try {
            if (!ended) {
                whenEnded = release;
                throw new IOException(
                        "The shadow in " + files.directory() + " is still being written after " + PATIENCE.toSeconds()
                                + " s: the disk is slow or hangs. The directory stays locked until that ends");
            }
        } finally {
            lock.unlock();
        }
        release.run();
    }

    private void joinUninterruptibly() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (long left = PATIENCE.toNanos(); left > 0 && thread.isAlive(); left = deadline - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
