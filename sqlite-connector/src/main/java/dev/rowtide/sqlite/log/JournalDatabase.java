package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;

/**
 * A database with a rollback journal. There is no log to read: the change counter in its header tells that something was committed, and a read lock makes it stand still to be compared. Commits between two looks come out as one, and
 * writers wait while it is compared, so it is for small databases only. No lock is held in between.
 */
final class JournalDatabase implements LiveDatabase {
    private static final long IDENTITY_NANOS = 1_000_000_000;

    private final DatabaseFiles files;
    private final ReadTransaction transaction;
    private final LiveOptions options;
    private final byte[] counterBytes = new byte[4];
    private boolean known;
    private int knownCounter;
    private long identityNanos = System.nanoTime();

    /** @param transaction is not open; closed with this */
    JournalDatabase(DatabaseFiles files, ReadTransaction transaction, LiveOptions options) {
        this.files = files;
        this.transaction = transaction;
        this.options = options;
    }

    /** @throws UnusableDatabaseException if the database is too large to be compared again and again */
    static void checkSize(DatabaseFiles files, LiveOptions options) throws IOException {
        long bytes = files.length();
        if (bytes > options.maxJournalBytes()) {
            throw new UnusableDatabaseException(
                    files.database() + " uses a rollback journal and has "
                            + mebibytes(bytes)
                            + ". Without a write-ahead log all pages are compared after each change, which is done up to "
                            + mebibytes(options.maxJournalBytes())
                            + " only. Allow the connector to switch it to WAL, or run PRAGMA journal_mode=WAL on it once, or raise that limit.");
        }
    }

    private static String mebibytes(long bytes) {
        return String.format("%.1f MiB", bytes / 1048576.0);
    }

    @Override
    public boolean hasLog() {
        return false;
    }

    @Override
    public boolean canResume(LogPosition position) {
        return false;
    }

    @Override
    public boolean changed() throws IOException {
        int read = files.read(FileHeader.COUNTER_AT, counterBytes, 0, counterBytes.length);
        // An empty file has no header yet.
        int counter =
                read < counterBytes.length ? 0 : ByteBuffer.wrap(counterBytes).getInt(0);
        return !known || counter != knownCounter;
    }

    @Override
    public Still standStill() throws IOException {
        checkSize(files, options);
        try {
            // Also rolls back what a dead writer left.
            transaction.begin();
        } catch (SQLException e) {
            throw new IOException(
                    files.database() + " could not be locked for reading within "
                            + options.busyTimeout().toMillis() + " ms: " + e.getMessage()
                            + ". " + LockTable.usersOf(files.database()) + " may be writing.",
                    e);
        }
        try {
            FileHeader header = FileHeader.read(files);
            if (header.log()) {
                throw new LogLostException(files.database()
                        + " has been switched to WAL. It is to be opened again, and followed by its log.");
            }
            knownCounter = header.counter();
            known = true;
            return new JournalStill(header.pageSize(), header.pageCount());
        } catch (IOException | RuntimeException e) {
            transaction.endOrFail();
            throw e;
        }
    }

    @Override
    public LogPosition beginReading(Reader reader) throws UnusableDatabaseException {
        throw new UnusableDatabaseException(
                files.database()
                        + " has a rollback journal, with which writers would wait until the reading ends. Allow the connector to switch it to WAL, or run PRAGMA journal_mode=WAL on it once.");
    }

    /** Held by the SHARED lock of the open transaction. */
    private final class JournalStill implements Still {
        private final int pageSize;
        private final int pageCount;
        private final FilePages pages;

        JournalStill(int pageSize, int pageCount) {
            this.pageSize = pageSize;
            this.pageCount = pageCount;
            this.pages = new FilePages(files, pageSize);
        }

        @Override
        public LogPosition position() {
            return LogPosition.NONE;
        }

        @Override
        public int pageSize() {
            return pageSize;
        }

        @Override
        public int pageCount() {
            return pageCount;
        }

        @Override
        public byte[] page(int number) throws IOException {
            if (number < 1 || number > pageCount) {
                throw new DamagedDatabaseException(
                        files.database() + " has no page " + number + ": it has " + pageCount);
            }
            return pages.page(number);
        }

        @Override
        public void close() throws IOException {
            transaction.endOrFail();
        }
    }

    @Override
    public LogPosition drain(LogPosition from, TransactionSink sink) {
        throw new UnsupportedOperationException(files.database() + " has no log to drain: compare its pages");
    }

    @Override
    public void tend(LogPosition drained) throws IOException {
        long now = System.nanoTime();
        if (now - identityNanos >= IDENTITY_NANOS) {
            identityNanos = now;
            files.checkIdentity();
        }
    }

    @Override
    public LogMetrics metrics() {
        return new LogMetrics(0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() throws IOException {
        try (files) {
            transaction.close();
        } catch (SQLException e) {
            throw new IOException("Cannot close " + files.database() + ": " + e.getMessage(), e);
        }
    }
}
