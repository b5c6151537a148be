package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.Checkpointer.Kind;
import dev.rowtide.sqlite.log.Checkpointer.Result;
import dev.rowtide.sqlite.log.WalIndex.Header;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when the mark moves, when a checkpoint runs, and when writers are kept waiting: what is needed to keep the log short although we hold it, and to be polite to users' own
 * checkpoints. All limits are in bytes or in frames, whichever is reached first. Used by the capture thread, but for {@link #metrics}.
 *
 * <p>SQLite's own default is to checkpoint at 1000 frames, in the commit of whoever comes there. Ours comes before it. The log is started over by the next writer after all of it
 * was copied, if our mark is in slot 0 then: a gap between two commits is enough. Under continuous writing there is none, and the barrier makes one.
 */
final class LogCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogCare.class);

    private static final int PASSIVE_FRAMES = 700;
    private static final long PASSIVE_BYTES = 4L << 20;

    /** Above this the log needs a barrier, if no gap came. */
    private static final long BARRIER_LOG_BYTES = 16L << 20;

    /** What may be left to copy while writers wait; and more, up to the second figure, for a log that grew long because the disk is slow. */
    private static final long BARRIER_REST_BYTES = 4L << 20;

    private static final long MAX_BARRIER_REST_BYTES = 16L << 20;
    private static final int BARRIER_REST_SHARE = 16;

    private static final long LOCK_NANOS = 30_000_000;

    /** How long writers wait for the copying at most; longer for a longer log, because a barrier that gives up too early only costs. */
    private static final long COPY_WAIT_MILLIS = 100;

    private static final long MAX_COPY_WAIT_MILLIS = 1000;
    private static final long COPY_WAIT_STEP_BYTES = 64L << 20;

    /** A log file that was once long stays long; above this it is cut when nobody writes. */
    private static final long TRUNCATE_FILE_BYTES = 64L << 20;

    private static final long QUIET_NANOS = 4_000_000;
    private static final long LONG_QUIET_NANOS = 1_000_000_000;
    private static final long TRUNCATE_QUIET_NANOS = 10_000_000_000L;
    private static final long TRUNCATE_AGAIN_NANOS = 60_000_000_000L;
    private static final long BUSY_AGAIN_NANOS = 50_000_000;
    private static final long FAILED_AGAIN_NANOS = 5_000_000_000L;
    private static final long MIN_HELD_AGAIN_NANOS = 100_000_000;
    private static final long MAX_HELD_AGAIN_NANOS = 2_000_000_000;
    private static final long MIN_BARRIER_AGAIN_NANOS = 500_000_000;
    private static final long MAX_BARRIER_AGAIN_NANOS = 10_000_000_000L;
    private static final long MIN_BARRIER_PAUSE_NANOS = 20_000_000;
    private static final int BARRIER_PAUSE_FACTOR = 10;
    private static final long BUSY_PAUSE_NANOS = 500_000;
    private static final long HELD_WARNING_NANOS = 5_000_000_000L;

    private final DatabaseFiles files;
    private final WalIndex index;
    private final LogHold hold;
    private final WalReader log;
    private final boolean barrierAllowed;
    private final Checkpointer checkpointer;
    private final int frameBytes;

    private Header copiedTo;
    private long checkpointNotBefore;
    private long heldAgainNanos = MIN_HELD_AGAIN_NANOS;
    private boolean heldWarned;
    private boolean failureWarned;
    private int confirmations;

    private @Nullable Connection barrier;
    private long barrierBegan;
    private long barrierNotBefore;
    private long barrierAgainNanos = MIN_BARRIER_AGAIN_NANOS;
    private @Nullable Header barrierFreed;

    private final AtomicLong barriers = new AtomicLong();
    private final AtomicLong barrierNanos = new AtomicLong();

    /** When a user's read was found in the way, as System.nanoTime; meaningful if {@link #held}. */
    private volatile long heldSince;

    private volatile boolean held;

    LogCare(DatabaseFiles files, WalIndex index, LogHold hold, WalReader log, int pageSize, boolean barrierAllowed) {
        this.files = files;
        this.index = index;
        this.hold = hold;
        this.log = log;
        this.barrierAllowed = barrierAllowed;
        this.checkpointer = new Checkpointer(files.database());
        this.frameBytes = WalReader.FRAME_HEADER_BYTES + pageSize;
        this.copiedTo = hold.mark();
        long now = System.nanoTime();
        this.checkpointNotBefore = now;
        this.barrierNotBefore = now;
        checkpointer.start();
    }

    /** Whether the mark may move: never during a checkpoint of ours, which must not meet a log that is started over. */
    boolean mayMove() {
        return !checkpointer.busy();
    }

    /** Takes what came of a checkpoint. */
    void collect(long now) throws IOException {
        Throwable death = checkpointer.death();
        if (death != null) {
            throw new IOException("The thread that checkpoints " + files.database() + " ended: " + death, death);
        }
        if (held && index.restartedSince(copiedTo)) {
            letGo(now);
        }
        Result result = checkpointer.takeResult();
        if (result != null) {
            collect(result, now);
        }
        if (held && !heldWarned && now - heldSince > HELD_WARNING_NANOS) {
            heldWarned = true;
            LOG.warn(
                    "A read transaction of {} has kept the log of {} from starting over for {} s. The log has {} MiB and grows until that transaction ends.",
                    LockTable.readersOfLog(files.shm()),
                    files.database(),
                    (now - heldSince) / 1_000_000_000,
                    logBytes() >> 20);
        }
    }

    private void collect(Result result, long now) {
        if (result.failure() != null) {
            checkpointNotBefore = now + FAILED_AGAIN_NANOS;
            if (!failureWarned) {
                failureWarned = true;
                LOG.warn(
                        "A checkpoint of {} failed and will be tried again every 5 s: {}",
                        files.database(),
                        result.failure());
            }
            return;
        }
        failureWarned = false;
        if (result.kind() == Kind.TRUNCATE) {
            checkpointNotBefore = now + (result.busy() ? TRUNCATE_AGAIN_NANOS : 0);
        } else if (result.busy()) {
            checkpointNotBefore = now + BUSY_AGAIN_NANOS;
        } else if (!index.restartedSince(copiedTo) && result.backfilled() < copiedTo.maxFrame()) {
            // It stopped before our mark: another reader has an older one.
            if (!held) {
                heldSince = now;
                held = true;
            }
            checkpointNotBefore = now + heldAgainNanos;
            heldAgainNanos = Math.min(2 * heldAgainNanos, MAX_HELD_AGAIN_NANOS);
        } else {
            letGo(now);
        }
    }

    private void letGo(long now) {
        if (held && heldWarned) {
            LOG.info("The log of {} is free again after {} s.", files.database(), (now - heldSince) / 1_000_000_000);
        }
        held = false;
        heldWarned = false;
        heldAgainNanos = MIN_HELD_AGAIN_NANOS;
    }

    /**
     * Whether the mark should move now, although little happened since.
     *
     * @param quietNanos since the last commit was seen
     */
    boolean wantsMove(long quietNanos) {
        int max = index.maxFrame();
        int copied = index.backfilled();
        boolean inOurLog = !index.restartedSince(hold.mark());
        boolean atEnd = inOurLog && hold.mark().maxFrame() == max;
        boolean soon = quietNanos >= QUIET_NANOS || (copied == max && due(max));
        if (quietNanos < LONG_QUIET_NANOS) {
            confirmations = 0;
        }
        if (!atEnd) {
            // A user's FULL, RESTART or TRUNCATE checkpoint may be waiting for us, with the write lock in its hands.
            return soon || (due(max - copied) && lag(max) > (max - copied) / 2);
        }
        if (copied != max) {
            return false;
        }
        if (!hold.atRest()) {
            return soon;
        }
        // Whoever copied the last frames may have been in slot 0 when we began, and then we are in another one. Once
        // more, after a while, is enough.
        return quietNanos >= LONG_QUIET_NANOS && confirmations++ < 2;
    }

    private boolean due(int frames) {
        return frames >= PASSIVE_FRAMES || (long) frames * frameBytes >= PASSIVE_BYTES;
    }

    /** How many frames of the log are beyond the mark, if its last one is {@code max}. */
    private int lag(int max) {
        return index.restartedSince(hold.mark()) ? max : max - hold.mark().maxFrame();
    }

    /** Whether the mark is so far behind that it should move even while everybody writes. */
    boolean lagsFar(Header header) {
        return due(2 * lag(header.maxFrame()));
    }

    /** Asks for a checkpoint, if one is needed and would do anything. */
    void checkpointIfDue(long now, long quietNanos) throws IOException {
        if (checkpointer.busy() || now < checkpointNotBefore) {
            return;
        }
        int max = index.maxFrame();
        int copied = index.backfilled();
        // A long log is copied to its end when there is time, so that it can start over.
        if (due(max - copied) || (quietNanos >= QUIET_NANOS && due(max) && copied < max)) {
            if (!index.restartedSince(hold.mark()) && hold.mark().maxFrame() > copied) {
                copiedTo = hold.mark();
                checkpointer.request(Kind.PASSIVE);
            }
        } else if (quietNanos > TRUNCATE_QUIET_NANOS
                && max == copied
                && hold.atRest()
                && log.fileBytes() >= TRUNCATE_FILE_BYTES) {
            // Looked at again after a minute, also if it works: the file may be long again.
            checkpointer.request(Kind.TRUNCATE);
        }
    }

    /** Whether writers should be kept waiting for a moment. */
    boolean barrierDue(Header header, long now) {
        long left = (long) (header.maxFrame() - index.backfilled()) * frameBytes;
        if (!barrierAllowed
                || now < barrierNotBefore
                || logBytes() < BARRIER_LOG_BYTES
                || left > barrierRest()
                || held
                || checkpointer.busy()) {
            return false;
        }
        if (barrierFreed != null && !index.restartedSince(barrierFreed)) {
            // The last one did not help: somebody reads. Another one would only cost writers time.
            barrierFreed = null;
            barrierNotBefore = now + barrierAgainNanos;
            barrierAgainNanos = Math.min(2 * barrierAgainNanos, MAX_BARRIER_AGAIN_NANOS);
            return false;
        }
        if (barrierFreed != null) {
            barrierFreed = null;
            barrierAgainNanos = MIN_BARRIER_AGAIN_NANOS;
        }
        return true;
    }

    /** Takes the write lock. It is asked for again and again without sleeping, because SQLite gives it to whoever asks at the right moment. */
    boolean keepWritersOut() throws IOException {
        long end = System.nanoTime() + LOCK_NANOS;
        try {
            if (barrier == null) {
                barrier = SqliteConnections.open(files.database(), Duration.ZERO);
            }
            do {
                try {
                    SqliteConnections.execute(barrier, "BEGIN IMMEDIATE");
                    barrierBegan = System.nanoTime();
                    return true;
                } catch (SQLException e) {
                    if (!SqliteConnections.busy(e)) {
                        throw e;
                    }
                    Thread.onSpinWait();
                }
            } while (System.nanoTime() < end);
            return false;
        } catch (SQLException e) {
            throw new IOException("Cannot lock " + files.database() + " for a moment: " + e.getMessage(), e);
        }
    }

    /** What is done while nobody can write. */
    interface UnderLock<T> {
        T run() throws IOException;
    }

    /** Does something under the write lock, waiting for it as users do; nothing if it is not to be had in that time. */
    <T> Optional<T> whileWritersWait(Duration busyTimeout, UnderLock<T> work) throws IOException {
        try (Connection lock = SqliteConnections.open(files.database(), busyTimeout)) {
            try {
                SqliteConnections.execute(lock, "BEGIN IMMEDIATE");
            } catch (SQLException e) {
                if (SqliteConnections.busy(e)) {
                    return Optional.empty();
                }
                throw e;
            }
            return Optional.of(work.run());
        } catch (SQLException e) {
            throw new IOException("Cannot lock " + files.database() + " for a moment: " + e.getMessage(), e);
        }
    }

    /** Whether so much may be drained while writers wait. */
    boolean fitsBarrier(int frames) {
        return (long) frames * frameBytes <= barrierRest();
    }

    private long barrierRest() {
        return Math.max(BARRIER_REST_BYTES, Math.min(MAX_BARRIER_REST_BYTES, logBytes() / BARRIER_REST_SHARE));
    }

    /** Copies everything up to the mark, while writers wait. Gives up after a while; the checkpoint then ends by itself. */
    boolean copyRest() {
        long limit = Math.min(MAX_COPY_WAIT_MILLIS, COPY_WAIT_MILLIS * (1 + logBytes() / COPY_WAIT_STEP_BYTES));
        long end = System.nanoTime() + limit * 1_000_000;
        copiedTo = hold.mark();
        while (index.backfilled() < copiedTo.maxFrame()) {
            checkpointer.request(Kind.PASSIVE);
            Result result = checkpointer.await(Duration.ofNanos(end - System.nanoTime()));
            long now = System.nanoTime();
            if (result == null) {
                return false;
            }
            if (result.busy()) {
                // A user committed just before, and runs the checkpoint that belongs to it.
                LockSupport.parkNanos(BUSY_PAUSE_NANOS);
            } else {
                collect(result, now);
                if (held || result.failure() != null) {
                    return false;
                }
            }
            if (now >= end) {
                break;
            }
        }
        return index.backfilled() == copiedTo.maxFrame();
    }

    /** Lets writers go on. */
    void letWritersIn(boolean freed) throws IOException {
        try {
            if (barrier != null) {
                SqliteConnections.execute(barrier, "ROLLBACK");
            }
        } catch (SQLException e) {
            throw new IOException("Cannot unlock " + files.database() + ": " + e.getMessage(), e);
        } finally {
            long now = System.nanoTime();
            barriers.incrementAndGet();
            barrierNanos.addAndGet(now - barrierBegan);
            barrierFreed = freed ? hold.mark() : null;
            // Writers wait for a small share of the time only.
            barrierNotBefore = now + Math.max(MIN_BARRIER_PAUSE_NANOS, BARRIER_PAUSE_FACTOR * (now - barrierBegan));
        }
    }

    private long logBytes() {
        return WalReader.bytes(index.maxFrame(), frameBytes - WalReader.FRAME_HEADER_BYTES);
    }

    LogMetrics metrics() {
        return new LogMetrics(
                logBytes(),
                index.backfilled(),
                checkpointer.done(),
                barriers.get(),
                barrierNanos.get(),
                log.zeroedFrames(),
                held ? (System.nanoTime() - heldSince) / 1_000_000 : 0);
    }

    @Override
    public void close() throws SQLException {
        checkpointer.close();
        if (barrier != null) {
            barrier.close();
        }
    }
}
