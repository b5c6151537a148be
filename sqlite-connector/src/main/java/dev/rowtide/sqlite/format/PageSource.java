package dev.rowtide.sqlite.format;

import java.io.IOException;

/** The pages of a database as of one moment. Whether it may be used by several threads is for the implementation to say. */
public interface PageSource {

    /** Bytes a page, a power of two from 512 to 65536. */
    int pageSize();

    /** How many pages the database has. */
    int pageCount();

    /**
     * The content of a page.
     *
     * @param number from 1 to {@link #pageCount}
     * @return {@link #pageSize} bytes, which are shared: never modify them
     * @throws DamagedDatabaseException if there is no such page
     * @throws IOException if it cannot be read
     */
    byte[] page(int number) throws IOException;
}
