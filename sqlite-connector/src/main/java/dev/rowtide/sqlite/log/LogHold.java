package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.WalIndex.Header;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Holds the log: while a read transaction is open, nobody can start the log over except at exactly its mark.
 *
 * <p>The mark is moved by two transactions that take turns. The new one begins before the old one ends, and the old one ends only after everything was drained up to a header that was read after
 * the new one began: there is no moment without a lock, and no frame that is neither drained nor held. Used by the capture thread.
 *
 * <p>SQLite gives a reader slot 0 when the whole log is in the database already, and one of slots 1 to 4 otherwise. A reader in slot 0 keeps everybody from copying frames, but lets
 * a writer start the log over; one in the other slots keeps everybody from starting over, but lets frames up to its mark be copied. Which slot it was cannot be asked; {@link #atRest} is a
 * guess that a checkpoint in another process can make wrong, so nothing but politeness depends on it.
 */
final class LogHold implements AutoCloseable {
    private final StableIndex index;
    private final ReadTransaction[] readers = new ReadTransaction[2];
    private int current;
    private boolean moving;
    private Header mark;
    private Header nextMark;
    private boolean rest;
    private boolean nextRest;

    private LogHold(StableIndex index, ReadTransaction first, ReadTransaction second, Header mark) {
        this.index = index;
        this.readers[0] = first;
        this.readers[1] = second;
        this.mark = mark;
        this.nextMark = mark;
    }

    /**
     * @param first is open already; since when is not known here, so its mark counts as the beginning of the log, and is moved at the first opportunity. Taken for the header of now, a writer that
     *     committed in between would wait for ever for a mark that nobody knows to be old
     */
    static LogHold take(StableIndex index, ReadTransaction first, Path database, Duration busyTimeout)
            throws SQLException, IOException {
        ReadTransaction second = ReadTransaction.connect(database, busyTimeout);
        try {
            return new LogHold(index, first, second, index.read().atBeginning());
        } catch (IOException | RuntimeException e) {
            second.close();
            throw e;
        }
    }

    /** Up to here, at least, frames may be copied. */
    Header mark() {
        return mark;
    }

    /** Whether the transaction surely has the newest mark of a log that is in the database, as far as we can know. */
    boolean atRest() {
        return rest && !moving;
    }

    /** Whether a new mark was taken, and the old one waits for a drain. */
    boolean moving() {
        return moving;
    }

    /** Takes a new mark. From now on both hold, until {@link #settle}. */
    void move() throws IOException {
        if (moving) {
            return;
        }
        Header before = index.read();
        int backfilled = index.memory().backfilled();
        readers[1 - current].beginOrFail();
        moving = true;
        // The mark is this header or a later one.
        nextMark = before;
        nextRest = backfilled == before.maxFrame() && !index.memory().movedSince(before);
    }

    /** Ends the old transaction. Everything must have been drained, up to a header that was read after {@link #move}. */
    void settle() throws IOException {
        if (!moving) {
            return;
        }
        readers[current].endOrFail();
        current = 1 - current;
        mark = nextMark;
        rest = nextRest;
        moving = false;
    }

    @Override
    public void close() throws SQLException {
        try {
            readers[0].close();
        } finally {
            readers[1].close();
        }
    }
}
