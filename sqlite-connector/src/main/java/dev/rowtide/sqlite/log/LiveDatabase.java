package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.PageSource;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The database beside its users, with its log held: nothing that was committed can leave the log before it was drained. Used by one thread, the capture thread; what it does in the
 * background (checkpoints) has threads of its own.
 *
 * <p>Two ways to follow a database, one interface: {@link WalDatabase} and, where WAL is impossible, {@link JournalDatabase}.
 */
public sealed interface LiveDatabase extends AutoCloseable permits WalDatabase, JournalDatabase {

    /**
     * Opens it, switches it to WAL if that is needed and allowed, and takes hold of its log.
     *
     * @throws UnusableDatabaseException if it cannot be followed, and a person has to do something; the message says what
     * @throws IOException if it cannot be opened now
     */
    static LiveDatabase open(Path database, LiveOptions options) throws IOException {
        return Opening.open(database, options);
    }

    /**
     * @param switchToWal whether a database in rollback-journal mode may be switched to WAL; if not it is followed by comparing pages
     * @param maxJournalBytes the largest database that is followed by comparing pages
     * @param barrier whether writers may be kept waiting for a moment (about 30 ms; longer on a slow disk) when the log grows and there is no gap between their commits
     * @param busyTimeout how long to wait at start for users to let go
     * @param anyFileSystem whether file systems that are not known to be sound are accepted, too
     */
    record LiveOptions(
            boolean switchToWal, long maxJournalBytes, boolean barrier, Duration busyTimeout, boolean anyFileSystem) {}

    /** Whether reading can go on behind {@code position}: it is still the same log, and nothing of it is gone. Always false without WAL. */
    boolean canResume(LogPosition position) throws IOException;

    /**
     * Every page as of the newest commit, which is held still until {@link Still#close}: for the first copy, and for comparing.
     *
     * @throws IOException if users' locks are in the way for longer than the busy timeout
     */
    Still standStill() throws IOException;

    /** The database at one commit. The page with SQLite's lock bytes, which belongs to no tree, is zeros. */
    interface Still extends PageSource, AutoCloseable {
        /** The position of that commit in the log, for {@link #drain} to go on from; {@link LogPosition#NONE} without WAL. */
        LogPosition position();

        @Override
        void close() throws IOException;
    }

    /**
     * Has somebody else begin a read transaction, so that it is known which commit it shows. What it shows was committed no earlier than what the last drain found.
     *
     * @return the position of that commit in the log
     * @throws UnusableDatabaseException if there is no log, and so no reading that leaves writers alone
     * @throws IOException if the reader does, or writers keep the log moving for longer than the busy timeout
     */
    LogPosition beginReading(Reader reader) throws IOException;

    /** A reader with a connection of its own, made by the same library. Called by the capture thread, while the one who owns the connection waits. */
    interface Reader {
        /** Begins a transaction and takes the read lock. */
        void begin() throws IOException;

        /** Ends it, because somebody committed meanwhile: it is to begin again. */
        void end() throws IOException;
    }

    /** Whether something was committed since the last drain. Cheap: reads a few bytes of memory; without WAL, four bytes of the file. */
    boolean changed() throws IOException;

    /**
     * Reads every transaction that was committed behind {@code from}. When it returns, the log is free up to the returned position. Not for databases without WAL, whose changes are found by comparing.
     *
     * @return the end of the last one, or {@code from}
     * @throws LogLostException if it is no longer the same log, or the files were replaced: compare, and go on from there
     * @throws IOException if the sink throws, or a read fails; what was not committed to the sink is read again
     */
    LogPosition drain(LogPosition from, TransactionSink sink) throws IOException;

    /** Takes the transactions of the log, one after the other. */
    interface TransactionSink {
        /** A page of the open transaction; the array is used again after the call. */
        void page(int number, byte[] content) throws IOException;

        /**
         * The open transaction is complete, and another one may begin.
         *
         * @param pageCount pages of the database after it
         */
        void commit(int pageSize, int pageCount, LogPosition end) throws IOException;
    }

    /**
     * What is to be done now and then, between drains: checkpoints, letting users' checkpoints pass, looking whether the files are still the same.
     *
     * @param drained how far everything was drained
     * @throws LogLostException if the files were replaced
     */
    void tend(LogPosition drained) throws IOException;

    /** Whether there is a log; without, changes are found by comparing. */
    boolean hasLog();

    /** What is measured. Thread-safe. */
    LogMetrics metrics();

    @Override
    void close() throws IOException;
}
