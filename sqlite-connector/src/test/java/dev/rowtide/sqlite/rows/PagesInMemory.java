package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.format.PageSource;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** A database file's bytes; counts which pages are read. */
final class PagesInMemory implements PageSource {
    private final byte[] file;
    private final int pageSize;
    private final BitSet read = new BitSet();

    PagesInMemory(byte[] file) {
        this.file = file;
        int declared = (file[16] & 0xFF) << 8 | file[17] & 0xFF;
        this.pageSize = declared == 1 ? 65536 : declared;
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public int pageCount() {
        return file.length / pageSize;
    }

    @Override
    public byte[] page(int number) throws DamagedDatabaseException {
        if (number < 1 || number > pageCount()) {
            throw new DamagedDatabaseException("no page " + number + " of " + pageCount());
        }
        read.set(number);
        return Arrays.copyOfRange(file, (number - 1) * pageSize, number * pageSize);
    }

    /** How many different pages were read. */
    int pagesRead() {
        return read.cardinality();
    }

    void forgetReads() {
        read.clear();
    }

    int[] allPages() {
        return IntStream.rangeClosed(1, pageCount()).toArray();
    }

    /** The pages that differ from an earlier state; all of them if the page size does. */
    int[] changedSince(PagesInMemory before) {
        return IntStream.rangeClosed(1, pageCount())
                .filter(number -> pageSize != before.pageSize
                        || number > before.pageCount()
                        || !Arrays.equals(
                                file,
                                (number - 1) * pageSize,
                                number * pageSize,
                                before.file,
                                (number - 1) * pageSize,
                                number * pageSize))
                .toArray();
    }
}
