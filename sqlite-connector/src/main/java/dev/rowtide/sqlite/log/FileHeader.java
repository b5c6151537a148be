package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the live side needs of the first 100 bytes of a database file ("Database File Format", section 1.3). In WAL mode the newest header may be in the log instead.
 *
 * @param pageSize bytes a page
 * @param log whether the file is in WAL mode
 * @param counter in rollback-journal mode, one more at each commit
 * @param pageCount pages of the database
 */
record FileHeader(int pageSize, boolean log, int counter, int pageCount) {
    /** Of an empty file: a database that nothing was written to yet. */
    static final FileHeader EMPTY = new FileHeader(4096, false, 0, 0);

    static final int COUNTER_AT = 24;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 100;
    private static final int PAGE_SIZE_AT = 16;
    private static final int WRITE_VERSION_AT = 18;
    private static final int READ_VERSION_AT = 19;
    private static final int JOURNAL_VERSION = 1;
    private static final int WAL_VERSION = 2;
    private static final int PAGE_COUNT_AT = 28;
    private static final int VALID_FOR_AT = 92;

    /** @throws UnusableDatabaseException if the file is no database that can be read */
    static FileHeader read(DatabaseFiles files) throws IOException {
        byte[] bytes = new byte[BYTES];
        int read = files.read(0, bytes, 0, BYTES);
        if (read == 0) {
            return EMPTY;
        }
        if (read < BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw notADatabase(files.database());
        }
        int write = bytes[WRITE_VERSION_AT];
        int readVersion = bytes[READ_VERSION_AT];
        if (write < JOURNAL_VERSION
                || write > WAL_VERSION
                || readVersion < JOURNAL_VERSION
                || readVersion > WAL_VERSION) {
            throw new UnusableDatabaseException(files.database() + " has the file format versions " + write + "/"
                    + readVersion
                    + "; only 1 (rollback journal) and 2 (write-ahead log) are known. If it is in wal2 mode,"
                    + " run PRAGMA journal_mode=WAL on it with the library that made it.");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int stored = header.getShort(PAGE_SIZE_AT) & 0xffff;
        int pageSize = stored == 1 ? 65536 : stored;
        if (Integer.bitCount(pageSize) != 1 || pageSize < 512) {
            throw new DamagedDatabaseException(files.database() + " has a page size of " + pageSize
                    + " bytes in its header; a power of two from 512 to 65536 is needed.");
        }
        int counter = header.getInt(COUNTER_AT);
        long pages = header.getInt(PAGE_COUNT_AT);
        // Very old writers do not keep it up to date; then the length of the file counts.
        if (pages <= 0 || counter != header.getInt(VALID_FOR_AT)) {
            pages = files.length() / pageSize;
        }
        if (pages > Integer.MAX_VALUE) {
            throw new UnusableDatabaseException(files.database() + " has " + pages + " pages; more than "
                    + Integer.MAX_VALUE + " are not followed.");
        }
        return new FileHeader(pageSize, write == WAL_VERSION, counter, (int) pages);
    }

    static UnusableDatabaseException notADatabase(Path database) {
        return new UnusableDatabaseException(
                database
                        + " is not a SQLite database, or it is encrypted: it does not begin as one. Encrypted databases (SQLCipher, SEE) cannot be followed, because their log is encrypted, too.");
    }
}
