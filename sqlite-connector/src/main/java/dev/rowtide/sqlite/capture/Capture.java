package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.LogLostException;
import dev.rowtide.sqlite.log.LogMetrics;
import dev.rowtide.sqlite.log.UnusableDatabaseException;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves every commit from the users' log into the spool, on a thread of its own ({@code sqlite-capture}): nobody who takes changes slowly keeps the users' log.
 *
 * <p>Read {@link #follow} first. What ends the thread is kept, and told to whoever asks for changes. Only two things are mended here: a log that is another one (the file was replaced, its log
 * deleted) is compared with what we have; a spool at its limit lets the users' log go, and is made up for by comparing, later.
 */
final class Capture implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

    /** Polling reads two cache lines; the wake-up is what costs. 1 ms takes about 1.8 % of a core, 5 ms 1 %, 20 ms 0.3 %. */
    private static final long ACTIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long QUIET_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long IDLE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long ACTIVE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Without a log, noticing costs a read of the file, and each change a comparison of all of it. */
    private static final long JOURNAL_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long a database file that is gone (it is being replaced) may take to come back. */
    private static final long REOPEN_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** How long opening for the first time is tried again when files come and go. */
    private static final long OPEN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long REOPEN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SPOOL_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSE_MILLIS = 30_000;
    private static final Duration READ_PATIENCE = Duration.ofSeconds(10);
    private static final LogMetrics NOTHING_MEASURED = new LogMetrics(0, 0, 0, 0, 0, 0, 0);

    private final ChangeStream.Options options;
    private final CaptureState state;
    private final long firstSeq;
    private final Thread thread = new Thread(this::run, "sqlite-capture");
    private final CountDownLatch ready = new CountDownLatch(1);
    private final ReadPoints readPoints;
    private final LongAdder transactions = new LongAdder();
    private final LongAdder resyncs = new LongAdder();
    private final LongAdder overflows = new LongAdder();
    private volatile LogMetrics logMetrics = NOTHING_MEASURED;
    private volatile @Nullable LiveDatabase current;
    private volatile @Nullable Throwable failure;
    private volatile boolean closing;

    /** @param firstSeq the number of the first state, should there be none yet */
    Capture(ChangeStream.Options options, CaptureState state, long firstSeq) {
        this.options = options;
        this.state = state;
        this.firstSeq = firstSeq;
        this.readPoints = new ReadPoints(state, transactions);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Waits until there is a state that is level with the database as of now, or later.
     *
     * @throws IOException why there never will be
     */
    void awaitReady() throws IOException, InterruptedException {
        ready.await();
        requireRunning();
    }

    /**
     * Has a read transaction begin at a commit whose number is known; see {@link ReadPoints}.
     *
     * @return the number
     */
    long beginReading(LiveDatabase.Reader reader) throws IOException, InterruptedException {
        requireRunning();
        if (!thread.isAlive()) {
            throw new IOException("following " + options.database() + " has ended");
        }
        return readPoints.begin(reader, READ_PATIENCE, () -> LockSupport.unpark(thread));
    }

    /** @throws IOException if capturing has ended */
    void requireRunning() throws IOException {
        Throwable why = failure;
        if (why instanceof UnusableDatabaseException unusable) {
            throw unusable;
        }
        if (why != null) {
            // The message of a FileSystemException is a path and nothing else.
            String reason = why instanceof FileSystemException ? why.toString() : why.getMessage();
            throw new IOException("following " + options.database() + " has ended: " + reason, why);
        }
        if (closing) {
            throw new IOException("following " + options.database() + " was stopped");
        }
    }

    StreamMetrics metrics(long emittedSeq) {
        LiveDatabase live = current;
        return new StreamMetrics(
                state.lastSeq(),
                emittedSeq,
                state.shadowSeq(),
                transactions.sum(),
                state.spoolBytes(),
                resyncs.sum(),
                overflows.sum(),
                live == null ? logMetrics : live.metrics());
    }

    private void run() {
        try {
            LiveDatabase live = open();
            while (true) {
                try (LiveDatabase followed = live) {
                    current = followed;
                    follow(followed);
                    return;
                } catch (LogLostException e) {
                    LOG.warn(
                            "{}: {}. What differs is found by comparing, and comes as one transaction",
                            options.database(),
                            e.getMessage());
                } catch (SpoolFullException e) {
                    overflows.increment();
                    LOG.error(
                            "{} bytes wait in {} for a consumer that does not take them. The log of {} is let go: what is committed until there is room comes as one transaction, without the"
                                    + " states in between",
                            state.spoolBytes(),
                            options.stateDirectory(),
                            options.database());
                } finally {
                    logMetrics = live.metrics();
                    current = null;
                }
                if (!awaitRoom()) {
                    return;
                }
                live = reopen();
            }
        } catch (Throwable e) { // also OutOfMemoryError: a dead thread must not look like a quiet database
            if (!closing) {
                failure = e;
                LOG.debug("Capturing {} ends", options.database(), e);
            }
        } finally {
            ready.countDown();
            readPoints.refuseAll("following " + options.database() + " has ended");
        }
    }

    /** From "where were we" to the end of following; the loop is the steady state. */
    private void follow(LiveDatabase live) throws IOException {
        LogPosition at;
        if (!state.exists()) {
            at = firstCopy(live);
        } else if (live.hasLog() && live.canResume(state.end())) {
            at = state.end();
        } else {
            at = resync(live);
        }
        if (live.hasLog()) {
            // Level with the database before anybody is told that we are ready.
            at = drain(live, at);
        }
        ready.countDown();

        Audit audit = new Audit(state, live.hasLog() ? options.auditPagesPerSecond() : 0);
        long lastCommit = System.nanoTime();
        while (!closing) {
            if (live.changed() || !audit.tick(live, at)) {
                at = live.hasLog() ? drain(live, at) : resync(live);
                lastCommit = System.nanoTime();
            }
            at = readPoints.serve(live, at);
            live.tend(at);
            LockSupport.parkNanos(this, pause(live, System.nanoTime() - lastCommit));
        }
    }

    private static long pause(LiveDatabase live, long quietNanos) {
        if (!live.hasLog()) {
            return JOURNAL_POLL_NANOS;
        }
        if (quietNanos < ACTIVE_NANOS) {
            return ACTIVE_POLL_NANOS;
        }
        return quietNanos < QUIET_NANOS ? QUIET_POLL_NANOS : IDLE_POLL_NANOS;
    }

    private LogPosition drain(LiveDatabase live, LogPosition from) throws IOException {
        try (SpoolSink sink = new SpoolSink(state)) {
            LogPosition to = live.drain(from, sink);
            transactions.add(sink.transactions());
            return to;
        }
    }

    private LogPosition firstCopy(LiveDatabase live) throws IOException {
        String id = options.stateId();
        try (LiveDatabase.Still still = live.standStill();
                CaptureState.FirstCopy copy = state.firstCopy(
                        id == null ? UUID.randomUUID().toString() : id,
                        options.database().toAbsolutePath().normalize().toString(),
                        firstSeq,
                        still.pageSize(),
                        still.pageCount())) {
            LOG.info("Copying {}: {} pages of {} bytes", options.database(), still.pageCount(), still.pageSize());
            for (int page = 1; page <= still.pageCount(); page++) {
                copy.page(page, still.page(page));
                requireNotClosing();
            }
            copy.finish(still.position());
            return still.position();
        }
    }

    private LogPosition resync(LiveDatabase live) throws IOException {
        try (LiveDatabase.Still still = live.standStill()) {
            Comparison.Result found =
                    new Comparison(state, options.maxResyncShare(), this::requireNotClosing).run(still);
            if (found.pages() > 0) {
                resyncs.increment();
                transactions.increment();
            }
            if (found.pages() > 0 && live.hasLog()) {
                LOG.info(
                        "{} differs from what was captured in {} of {} pages: the difference is one transaction",
                        options.database(),
                        found.pages(),
                        still.pageCount());
            }
            return still.position();
        }
    }

    /** A spool that was full is given time to drain by half, so that one resync does not follow the other. */
    private boolean awaitRoom() {
        while (!closing && state.full()) {
            do {
                LockSupport.parkNanos(this, SPOOL_PAUSE_NANOS);
            } while (!closing && state.spoolBytes() > options.limits().maxSpoolBytes() / 2);
        }
        return !closing;
    }

    /** What a person has to mend is said at once; files that come and go meanwhile (a log that its last user deletes) are tried again. */
    private LiveDatabase open() throws IOException {
        return open(OPEN_NANOS, e -> !(e instanceof UnusableDatabaseException));
    }

    private LiveDatabase reopen() throws IOException {
        return open(REOPEN_NANOS, e -> true);
    }

    private LiveDatabase open(long limitNanos, Predicate<IOException> passes) throws IOException {
        long deadline = System.nanoTime() + limitNanos;
        while (true) {
            try {
                return LiveDatabase.open(options.database(), options.live());
            } catch (IOException e) {
                if (closing || !passes.test(e) || System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LockSupport.parkNanos(this, REOPEN_PAUSE_NANOS);
            }
        }
    }

    private void requireNotClosing() throws IOException {
        if (closing) {
            throw new IOException("stopped");
        }
    }

    /** Ends the thread and lets the database go. Waits at most 30 s. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        while (thread.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (thread.isAlive()) {
            LOG.warn("Following {} did not end within {} ms", options.database(), CLOSE_MILLIS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
