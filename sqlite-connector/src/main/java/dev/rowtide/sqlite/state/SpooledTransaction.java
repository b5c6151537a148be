package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.util.Arrays;

/** A transaction that is whole in the spool. Holds eight bytes a page: its number, and which of the record's pages it is. */
final class SpooledTransaction implements CapturedTransaction {
    private final Spool spool;
    private final TransactionHeader header;
    private final long start;
    private final int[] pages;
    private final int[] entries;

    /** @param start the position of its record in the spool */
    SpooledTransaction(Spool spool, TransactionHeader header, long start, int[] pages, int[] entries) {
        this.spool = spool;
        this.header = header;
        this.start = start;
        this.pages = pages;
        this.entries = entries;
    }

    @Override
    public TransactionHeader header() {
        return header;
    }

    @Override
    public int[] changedPages() {
        return pages;
    }

    @Override
    public byte[] page(int number) throws IOException {
        long position = position(number);
        if (position < 0) {
            throw new IOException("Transaction " + header.seq() + " did not change page " + number);
        }
        byte[] page = new byte[header.pageSize()];
        if (!spool.read(position, page)) {
            throw new IOException("Transaction " + header.seq() + " was acknowledged and is gone from the spool");
        }
        return page;
    }

    Spool spool() {
        return spool;
    }

    long start() {
        return start;
    }

    /** Where the content of a page stands in the spool; -1 if it is none of {@link #changedPages}. */
    long position(int number) {
        int index = Arrays.binarySearch(pages, number);
        return index < 0 ? -1 : positionOf(index);
    }

    /** The same, for the page at an index of {@link #changedPages}. */
    long positionOf(int index) {
        return start + SpoolRecord.contentOffset(entries[index], header.pageSize());
    }
}
