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
    private static final int HEADER_BYTES = 100;
    private static final int VERSIONS_AT = 18;
    private static final int COUNTER_AT = 24;
    private static final int PAGE_COUNT_AT = 28;
    private static final int VALID_FOR_AT = 92;
    private static final int DEFAULT_PAGE_SIZE = 4096;
    private static final long IDENTITY_NANOS = 1_000_000_000;

    private final DatabaseFiles files;
    private final ReadTransaction transaction;
    private final LiveOptions options;
    private final byte[] versionsAndCounter = new byte[PAGE_COUNT_AT - VERSIONS_AT];
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
        int read = files.read(VERSIONS_AT, versionsAndCounter, 0, versionsAndCounter.length);
        // An empty file has no header yet.
        int counter = read < versionsAndCounter.length
                ? 0
                : ByteBuffer.wrap(versionsAndCounter).getInt(COUNTER_AT - VERSIONS_AT);
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
            byte[] bytes = new byte[HEADER_BYTES];
            ByteBuffer header = ByteBuffer.wrap(bytes);
            if (files.read(0, bytes, 0, HEADER_BYTES) < HEADER_BYTES) {
                remember(0);
                return new JournalStill(DEFAULT_PAGE_SIZE, 0);
            }
            if (header.get(VERSIONS_AT) == 2) {
                throw new LogLostException(files.database()
                        + " has been switched to WAL. It is to be opened again, and followed by its log.");
            }
            int size = header.getShort(16) & 0xffff;
            int pageSize = size == 1 ? 65536 : size;
            if (Integer.bitCount(pageSize) != 1 || pageSize < 512) {
                throw new DamagedDatabaseException(
                        files.database() + " has a page size of " + pageSize + " in its header");
            }
            int counter = header.getInt(COUNTER_AT);
            long pages = files.length() / pageSize;
            if (counter == header.getInt(VALID_FOR_AT) && header.getInt(PAGE_COUNT_AT) > 0) {
                pages = header.getInt(PAGE_COUNT_AT);
            }
            remember(counter);
            return new JournalStill(pageSize, (int) pages);
        } catch (IOException | RuntimeException e) {
            transaction.endOrFail();
            throw e;
        }
    }

    private void remember(int counter) {
        knownCounter = counter;
        known = true;
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
