package dev.rowtide.sqlite.format;

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

    /**
     * Reads it from a page 1, or from its first 100 bytes.
     *
     * @throws DamagedDatabaseException if it is not the header of a SQLite database; encrypted databases are not, either
     */
    public static DatabaseHeader parse(byte[] page1) throws DamagedDatabaseException {
        throw new UnsupportedOperationException();
    }

    /** The page that holds SQLite's lock bytes, at 2^30; it is never part of a tree and must not be read. */
    public int lockBytePage() {
        return (1 << 30) / pageSize + 1;
    }
}
