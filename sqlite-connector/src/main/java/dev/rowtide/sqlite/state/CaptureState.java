package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The state directory. One process uses it at a time.
 *
 * <p>Threads: the capture thread appends ({@link #append}, {@link #firstCopy}, {@link #latest}); the thread that emits takes ({@link #after}, {@link #imageAt}); anyone
 * acknowledges; a thread of its own ({@code sqlite-shadow}) writes what was acknowledged into the shadow.
 */
public final class CaptureState implements AutoCloseable {
    private static final long SMALLEST_SPOOL = 64L << 20;
    /** Of the images of the emitting thread. */
    private static final long CACHE_BYTES = 16L << 20;

    private final StateFiles files;
    private final Limits limits;
    private final long segmentBytes;
    private final StateLock directoryLock;
    private final ShadowWriter writer;

    /** Other parties: the thread that commits, or fails, and those that wait for it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition committed = lock.newCondition();
    private volatile @Nullable CopiedDatabase database;
    private volatile boolean closed;

    /**
     * Opens the directory, making it if needed (0700, files 0600), and repairs what a crash left: a half-written transaction is cut off, a half-done flush is done again.
     *
     * @throws StateInUseException if another process, or another connector of this one, uses it
     * @throws IOException if it cannot be used, or is damaged beyond what a crash can do; the message says what to do
     */
    public static CaptureState open(Path directory, Limits limits) throws IOException {
        return open(directory, limits, Tuning.forSpoolOf(limits.maxSpoolBytes));
    }

    static CaptureState open(Path directory, Limits limits, Tuning tuning) throws IOException {
        StateFiles.createPrivateDirectory(directory);
        StateLock directoryLock = StateLock.acquire(directory);
        CaptureState state = null;
        try {
            StateFiles files = new StateFiles(directory, limits.sync, tuning.probe());
            StateFiles.createPrivateDirectory(files.spool());
            CaptureState opening = new CaptureState(files, limits, tuning, directoryLock);
            opening.recover();
            opening.writer.start();
            state = opening;
            return opening;
        } finally {
            if (state == null) {
                directoryLock.close();
            }
        }
    }

    private CaptureState(StateFiles files, Limits limits, Tuning tuning, StateLock directoryLock) {
        this.files = files;
        this.limits = limits;
        this.segmentBytes = tuning.segmentBytes();
        this.directoryLock = directoryLock;
        this.writer = new ShadowWriter(files, tuning.flushInterval(), () -> database, this::wakeAll);
        writer.reset();
    }

    private void recover() throws IOException {
        Shadow shadow = Shadow.open(files);
        if (shadow == null) {
            return;
        }
        CopiedDatabase found = null;
        Spool spool = null;
        try {
            spool = new SpoolRecovery(files, shadow.meta()).run(segmentBytes, this::wakeAll);
            CopiedDatabase opened = new CopiedDatabase(shadow, spool, new PageCache(CACHE_BYTES));
            if (shadow.meta().target() != shadow.meta().seq()) {
                new ShadowFlush(files, opened).run(shadow.meta().target());
            }
            shadow.checkLength();
            found = opened;
        } finally {
            if (found == null) {
                shadow.close();
                if (spool != null) {
                    spool.close();
                }
            }
        }
        database = found;
    }

    /**
     * @param maxSpoolBytes what captured and not yet flushed transactions may take on the disk; 64 MiB or more
     * @param sync whether writes are forced to the disk in order. With it, a power cut takes the newest transactions of the spool at most. Without it, a power cut may also damage the
     *     shadow, which is not always noticed; a crash of the process does no harm either way
     */
    public record Limits(long maxSpoolBytes, boolean sync) {
        public Limits {
            if (maxSpoolBytes < SMALLEST_SPOOL) {
                throw new IllegalArgumentException(
                        "The spool may take " + maxSpoolBytes + " bytes; it needs " + SMALLEST_SPOOL + " or more");
            }
        }
    }

    /** Whether there is a finished copy of a database. */
    public boolean exists() {
        return database != null;
    }

    /** What names this state: another one after each first copy. Empty if there is none. */
    public Optional<String> id() {
        CopiedDatabase current = database;
        return current == null
                ? Optional.empty()
                : Optional.of(current.shadow().meta().id());
    }

    /** The database that it is a copy of, as {@link FirstCopy} was given it; null if there is no state. */
    public @Nullable String databasePath() {
        CopiedDatabase current = database;
        return current == null ? null : current.shadow().meta().database();
    }

    /** The newest commit that the shadow surely has: nothing before it can be emitted again. 0 without a state. */
    public long shadowSeq() {
        CopiedDatabase current = database;
        return current == null ? 0 : current.shadow().meta().seq();
    }

    /** The newest commit that is in the spool, or {@link #shadowSeq} if it is empty. */
    public long lastSeq() {
        CopiedDatabase current = database;
        return current == null ? 0 : current.spool().tail().seq();
    }

    /** Where reading the log goes on; {@link LogPosition#NONE} without a state. */
    public LogPosition end() {
        CopiedDatabase current = database;
        return current == null ? LogPosition.NONE : current.spool().tail().end();
    }

    /**
     * Begins a copy of the whole database, written straight into the shadow. What the directory held is given up at once.
     *
     * @param id names the new state
     * @param seq the number of the state that is copied
     */
    public FirstCopy firstCopy(String id, String databasePath, long seq, int pageSize, int pageCount)
            throws IOException {
        checkUsable();
        writer.keepAllStill();
        try {
            CopiedDatabase old = database;
            database = null;
            writer.reset();
            if (old != null) {
                old.close();
            }
            ShadowMeta meta = new ShadowMeta(id, databasePath, seq, seq, pageSize, pageCount, LogPosition.NONE);
            return new FirstCopyWriter(files, meta, this::copied);
        } finally {
            writer.letAllMove();
        }
    }

    private void copied(ShadowMeta meta) throws IOException {
        checkUsable();
        Shadow shadow = Shadow.create(files, meta);
        Spool spool = new Spool(
                files,
                SpoolRecord.tag(meta.id()),
                segmentBytes,
                List.of(),
                new Spool.Tail(meta.seq(), meta.end()),
                meta.seq(),
                this::wakeAll);
        database = new CopiedDatabase(shadow, spool, new PageCache(CACHE_BYTES));
    }

    /** A copy in progress. Closing it unfinished leaves a directory without a state. */
    public interface FirstCopy extends AutoCloseable {
        /** In any order; pages that are not written are zeros. */
        void page(int number, byte[] content) throws IOException;

        /** Makes it the state. */
        void finish(LogPosition end) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Begins a transaction. One at a time; nobody sees it before {@link TransactionWriter#commit}.
     *
     * @throws IOException if the state has failed, see {@link #failure}
     */
    public TransactionWriter append() throws IOException {
        checkUsable();
        return current().spool().begin();
    }

    /**
     * A transaction in the making. An IOException from {@link #page} or {@link #commit} (a full disk) says that it was taken back; the state remains usable, and it may be tried again.
     */
    public interface TransactionWriter extends AutoCloseable {
        /** A page as the transaction leaves it; a later one with the same number replaces the earlier. All have the same size. */
        void page(int number, byte[] content) throws IOException;

        /** Makes it visible under the next number. */
        CapturedTransaction commit(
                TransactionHeader.Kind kind, int pageSize, int pageCount, boolean complete, LogPosition end)
                throws IOException;

        /** Takes it back, if it was not committed. */
        @Override
        void close() throws IOException;
    }

    /** Whether the spool is at its limit, so that nothing more may be appended. */
    public boolean full() {
        return spoolBytes() >= limits.maxSpoolBytes;
    }

    /** Bytes in the spool, those of the transaction in the making among them. What is flushed counts until its segment, the last one aside of at most 64 MiB, is deleted. */
    public long spoolBytes() {
        CopiedDatabase current = database;
        return current == null ? 0 : current.spool().bytes();
    }

    /**
     * Waits at most {@code wait} for the first transaction beyond {@code seq}.
     *
     * @throws IllegalStateException if it was acknowledged, and is gone
     * @throws IOException if it cannot be read, the state has failed, or was closed
     */
    public Optional<CapturedTransaction> after(long seq, Duration wait) throws IOException, InterruptedException {
        CopiedDatabase current = awaitBeyond(seq, wait.toNanos());
        if (current == null) {
            return Optional.empty();
        }
        long flushed = current.shadow().meta().seq();
        SpooledTransaction transaction = seq < flushed ? null : current.spool().first(seq);
        if (transaction == null) {
            throw new IllegalStateException(
                    "The transaction after " + seq + " was acknowledged and is gone: the shadow is at "
                            + current.shadow().meta().seq());
        }
        return Optional.of(transaction);
    }

    private @Nullable CopiedDatabase awaitBeyond(long seq, long nanos) throws IOException, InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (true) {
                checkUsable();
                CopiedDatabase current = database;
                if (current != null && current.spool().tail().seq() > seq) {
                    return current;
                }
                if (left <= 0) {
                    return null;
                }
                left = committed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            committed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The database as it was after commit {@code seq}, from {@link #shadowSeq} to {@link #lastSeq}. Reads the page numbers of all transactions up to it: for a start, not for each
     * transaction; go on by {@link DatabaseImage#with}.
     *
     * @throws IllegalStateException if something newer was acknowledged
     */
    public DatabaseImage imageAt(long seq) throws IOException {
        checkUsable();
        if (seq > lastSeq()) {
            throw new IllegalArgumentException("There is no commit " + seq + " yet: the newest is " + lastSeq());
        }
        writer.keepStill();
        try {
            return image(current(), seq);
        } finally {
            writer.letMove();
        }
    }

    private static DatabaseImage image(CopiedDatabase database, long seq) throws IOException {
        ShadowMeta shadow = database.shadow().meta();
        if (seq < shadow.target()) {
            throw new IllegalStateException(
                    "The state after commit " + seq + " is gone: the shadow is at " + shadow.target());
        }
        Overlay overlay = new Overlay(database.spool(), shadow.seq());
        int pageSize = shadow.pageSize();
        int pageCount = shadow.pageCount();
        SpooledTransaction next = database.spool().first(shadow.seq());
        while (next != null && next.header().seq() <= seq) {
            overlay.lay(next);
            pageSize = next.header().pageSize();
            pageCount = next.header().pageCount();
            next = database.spool().first(next.header().seq());
        }
        return new DatabaseImage(database, overlay, pageSize, pageCount);
    }

    /**
     * The database with everything that is in the spool, for comparing. Acknowledgements are not flushed while it is open. To be closed before {@link #firstCopy}, which would wait for it for ever.
     */
    public LatestImage latest() throws IOException {
        checkUsable();
        writer.keepStill();
        AtomicBoolean open = new AtomicBoolean(true);
        DatabaseImage image = null;
        try {
            CopiedDatabase current = current();
            // Each page is compared once: a cache would only push out the other thread's.
            image = image(
                    current.withCache(new PageCache(0)), current.spool().tail().seq());
        } finally {
            if (image == null) {
                writer.letMove();
            }
        }
        DatabaseImage latest = image;
        return new LatestImage() {
            @Override
            public DatabaseImage image() {
                return latest;
            }

            @Override
            public void close() {
                if (open.getAndSet(false)) {
                    writer.letMove();
                }
            }
        };
    }

    /** Keeps the shadow from being written while it is open. */
    public interface LatestImage extends AutoCloseable {
        DatabaseImage image();

        @Override
        void close();
    }

    /** The next transaction gets at least this number: an epoch of its own begins. Forgotten at close, if none comes. */
    public void jumpTo(long seq) {
        current().spool().jumpTo(seq);
    }

    /** Nothing up to {@code seq} is needed again. Returns at once; the shadow follows within about a second. Thread-safe. */
    public void acknowledge(long seq) {
        CopiedDatabase current = database;
        if (current != null) {
            writer.acknowledge(current, seq);
        }
    }

    /** Why nothing more can be written (the thread that writes the shadow ended, or a transaction could not be taken back), or null. */
    public @Nullable Throwable failure() {
        Throwable failure = writer.failure();
        CopiedDatabase current = database;
        return failure != null || current == null ? failure : current.spool().broken();
    }

    private CopiedDatabase current() {
        CopiedDatabase current = database;
        if (current == null) {
            throw new IllegalStateException(
                    "There is no state in " + files.directory() + ": a first copy must be made");
        }
        return current;
    }

    private void checkUsable() throws IOException {
        if (closed) {
            throw new IOException("The state directory " + files.directory() + " is closed");
        }
        Throwable failure = failure();
        if (failure != null) {
            throw new IOException(
                    "The state directory " + files.directory() + " cannot be written: " + failure.getMessage(),
                    failure);
        }
    }

    /** Flushes what was acknowledged, for ten seconds at most, and gives up the directory. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            committed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.close(this::release);
        } catch (UncheckedIOException e) {
            throw new IOException("The state directory " + files.directory() + " could not be closed", e.getCause());
        }
    }

    private void release() {
        CopiedDatabase current = database;
        try (directoryLock) {
            if (current != null) {
                current.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
