package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.DatabaseHeader;
import java.io.IOException;
import java.util.Arrays;

/** Pages of the database file, read ahead when they are asked for in their order. What stands in the file must not change meanwhile. Used by one thread. */
final class FilePages {
    private static final int AHEAD_BYTES = 256 * 1024;

    private final DatabaseFiles files;
    private final int pageSize;
    private final byte[] ahead;
    private int firstAhead;
    private int pagesAhead;
    private int last;

    FilePages(DatabaseFiles files, int pageSize) {
        this.files = files;
        this.pageSize = pageSize;
        this.ahead = new byte[Math.max(pageSize, AHEAD_BYTES)];
    }

    byte[] page(int number) throws IOException {
        // On some systems it cannot be read while it is locked.
        int lockPage = DatabaseHeader.lockBytePage(pageSize);
        if (number == lockPage) {
            last = number;
            return new byte[pageSize];
        }
        if (number < firstAhead || number >= firstAhead + pagesAhead) {
            int pages = number == last + 1 ? ahead.length / pageSize : 1;
            if (number < lockPage) {
                pages = Math.min(pages, lockPage - number);
            }
            pagesAhead = 0;
            int read = files.read((number - 1L) * pageSize, ahead, 0, pages * pageSize);
            // Free pages at the end may never have been written; they are zeros for SQLite, too.
            Arrays.fill(ahead, read, pages * pageSize, (byte) 0);
            firstAhead = number;
            pagesAhead = pages;
        }
        last = number;
        int at = (number - firstAhead) * pageSize;
        return Arrays.copyOfRange(ahead, at, at + pageSize);
    }
}
