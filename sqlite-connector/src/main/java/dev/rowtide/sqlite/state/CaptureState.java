package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state directory. One process uses it at a time.
 *
 * <p>Threads: the capture thread appends ({@link #append}, {@link #firstCopy}, {@link #latest}); the thread that emits takes ({@link #after}, {@link #imageAt}); anyone
 * acknowledges; a thread of its own ({@code sqlite-shadow}) writes what was acknowledged into the shadow.
 */
public final class CaptureState implements AutoCloseable {

    /**
     * Opens the directory, making it if needed (0700, files 0600), and repairs what a crash left: a half-written transaction is cut off, a half-done flush is done again.
     *
     * @throws StateInUseException if another process, or another connector of this one, uses it
     * @throws IOException if it cannot be used, or is damaged beyond what a crash can do; the message says what to do
     */
    public static CaptureState open(Path directory, Limits limits) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * @param maxSpoolBytes what captured and not yet flushed transactions may take on the disk; 64 MiB or more
     * @param sync whether writes are forced to the disk in order; without it, a power cut may damage the state (it is then found out and made anew)
     */
    public record Limits(long maxSpoolBytes, boolean sync) {}

    /** Whether there is a finished copy of a database. */
    public boolean exists() {
        throw new UnsupportedOperationException();
    }

    /** What names this state: another one after each first copy. Empty if there is none. */
    public Optional<String> id() {
        throw new UnsupportedOperationException();
    }

    /** The database that it is a copy of, as {@link FirstCopy} was given it. */
    public @Nullable String databasePath() {
        throw new UnsupportedOperationException();
    }

    /** The newest commit that the shadow surely has: nothing before it can be emitted again. */
    public long shadowSeq() {
        throw new UnsupportedOperationException();
    }

    /** The newest commit that is in the spool, or {@link #shadowSeq} if it is empty. */
    public long lastSeq() {
        throw new UnsupportedOperationException();
    }

    /** Where reading the log goes on. */
    public LogPosition end() {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a copy of the whole database, written straight into the shadow. What the directory held is given up at once.
     *
     * @param id names the new state
     * @param seq the number of the state that is copied
     */
    public FirstCopy firstCopy(String id, String databasePath, long seq, int pageSize, int pageCount)
            throws IOException {
        throw new UnsupportedOperationException();
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

    /** Begins a transaction. One at a time; nobody sees it before {@link TransactionWriter#commit}. */
    public TransactionWriter append() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** A transaction in the making. */
    public interface TransactionWriter extends AutoCloseable {
        /** A page as the transaction leaves it; a later one with the same number replaces the earlier. All have the same size. */
        void page(int number, byte[] content) throws IOException;

        /** Bytes written so far. */
        long bytes();

        /** Makes it visible under the next number, or under {@code seq} if that is larger. */
        CapturedTransaction commit(
                long seq, TransactionHeader.Kind kind, int pageSize, int pageCount, boolean complete, LogPosition end)
                throws IOException;

        /** Takes it back, if it was not committed. */
        @Override
        void close() throws IOException;
    }

    /** Whether the spool is at its limit, so that nothing more may be appended. */
    public boolean full() {
        throw new UnsupportedOperationException();
    }

    /** Bytes in the spool. */
    public long spoolBytes() {
        throw new UnsupportedOperationException();
    }

    /** Waits at most {@code wait} for the first transaction beyond {@code seq}. */
    public Optional<CapturedTransaction> after(long seq, Duration wait) throws InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** The database as it was after commit {@code seq}, from {@link #shadowSeq} to {@link #lastSeq}. */
    public DatabaseImage imageAt(long seq) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The database with everything that is in the spool, for comparing; valid until the next acknowledgement is flushed, which waits while it is open. */
    public LatestImage latest() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Keeps the shadow from being written while it is open. */
    public interface LatestImage extends AutoCloseable {
        DatabaseImage image();

        @Override
        void close();
    }

    /** The next transaction gets at least this number: an epoch of its own begins. */
    public void jumpTo(long seq) {
        throw new UnsupportedOperationException();
    }

    /** Nothing up to {@code seq} is needed again. Returns at once; the shadow follows within about a second. */
    public void acknowledge(long seq) {
        throw new UnsupportedOperationException();
    }

    /** Why the thread that writes the shadow ended, or null. */
    public @Nullable Throwable failure() {
        throw new UnsupportedOperationException();
    }

    /** Flushes what was acknowledged, and gives up the directory. */
    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException();
    }
}
