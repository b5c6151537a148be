package dev.rowtide.sqlite.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first 100 bytes of a database ("Database File Format", section 1.3).
 *
 * @param pageSize bytes a page
 * @param usableSize bytes of a page that SQLite uses: without those reserved for extensions
 * @param writeVersion 1 rollback journal, 2 write-ahead log
 * @param readVersion likewise
 * @param pageCount pages, as the header says, which may be out of date in files of very old writers
 * @param schemaCookie grows with each change of the schema
 * @param schemaFormat 1 to 4; from 4 on, DESC indexes are really descending
 * @param largestRoot not 0 for a database with auto_vacuum, which has pointer map pages
 * @param encoding how text is stored
 * @param changeCounter in rollback-journal mode, one more at each commit
 * @param writerVersion the library that wrote last, as SQLITE_VERSION_NUMBER, for example 3040001
 */
public record DatabaseHeader(
        int pageSize,
        int usableSize,
        int writeVersion,
        int readVersion,
        int pageCount,
        int schemaCookie,
        int schemaFormat,
        int largestRoot,
        TextEncoding encoding,
        int changeCounter,
        int writerVersion) {

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int SIZE = 100;
    private static final int LEAST_USABLE_SIZE = 480;

    /**
     * Reads it from a page 1, or from its first 100 bytes. Versions of the file format beyond those known are not refused here: they are values like the others.
     *
     * @throws DamagedDatabaseException if it is not the header of a SQLite database; encrypted databases are not, either
     */
    public static DatabaseHeader parse(byte[] page1) throws DamagedDatabaseException {
        if (page1.length < SIZE) {
            throw new DamagedDatabaseException(
                    "page 1: a database header has 100 bytes, here are " + page1.length + "; the file is cut short");
        }
        if (!Arrays.equals(page1, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new DamagedDatabaseException(
                    "page 1: does not begin with \"SQLite format 3\": not a SQLite database, or an encrypted one");
        }
        int pageSize = Bytes.u16(page1, 16) == 1 ? 65536 : Bytes.u16(page1, 16);
        check(pageSize >= 512 && Integer.bitCount(pageSize) == 1, "page size (a power of two from 512)", pageSize);
        int usableSize = pageSize - (page1[20] & 0xff);
        check(usableSize >= LEAST_USABLE_SIZE, "usable page size (480 at least)", usableSize);
        check(page1[21] == 64 && page1[22] == 32 && page1[23] == 32, "payload fractions (64, 32, 32)", page1[21]);
        int schemaFormat = Bytes.i32(page1, 44);
        check(schemaFormat >= 0 && schemaFormat <= 4, "schema format (4 at most)", schemaFormat);
        int pageCount = Bytes.i32(page1, 28);
        check(pageCount >= 0, "page count (2147483647 at most)", Integer.toUnsignedLong(pageCount));
        return new DatabaseHeader(
                pageSize,
                usableSize,
                page1[18] & 0xff,
                page1[19] & 0xff,
                pageCount,
                Bytes.i32(page1, 40),
                schemaFormat,
                Bytes.i32(page1, 52),
                encoding(Bytes.i32(page1, 56)),
                Bytes.i32(page1, 24),
                Bytes.i32(page1, 96));
    }

    private static TextEncoding encoding(int code) throws DamagedDatabaseException {
        return switch (code) {
            // 0: nothing was written yet that would have decided it.
            case 0, 1 -> TextEncoding.UTF_8;
            case 2 -> TextEncoding.UTF_16LE;
            case 3 -> TextEncoding.UTF_16BE;
            default ->
                throw new DamagedDatabaseException(
                        "page 1: the header says text encoding " + code + ", known are 1 to 3");
        };
    }

    private static void check(boolean sound, String what, long value) throws DamagedDatabaseException {
        if (!sound) {
            throw new DamagedDatabaseException("page 1: the header has an impossible " + what + ": " + value);
        }
    }

    /** The page that holds SQLite's lock bytes, at 2^30; it is never part of a tree and must not be read. */
    public static int lockBytePage(int pageSize) {
        return (1 << 30) / pageSize + 1;
    }
}
