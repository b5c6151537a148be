package dev.rowtide.sqlite.format;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One entry of a b-tree page. Immutable; a view on the page's bytes. */
public final class Cell {
    private final byte[] bytes;
    private final int page;
    private final boolean table;
    private final long rowid;
    private final int start;
    private final int local;
    private final int payloadSize;
    private final int overflowPage;

    /** All within the page, which {@link BTreePage} has checked. */
    Cell(byte[] bytes, int page, boolean table, long rowid, int start, int local, int payloadSize, int overflowPage) {
        this.bytes = bytes;
        this.page = page;
        this.table = table;
        this.rowid = rowid;
        this.start = start;
        this.local = local;
        this.payloadSize = payloadSize;
        this.overflowPage = overflowPage;
    }

    /** Its rowid; table b-trees only. */
    public long rowid() {
        if (!table) {
            throw new IllegalStateException("an entry of an index b-tree (page " + page + ") has no rowid");
        }
        return rowid;
    }

    /** Bytes of the whole payload, overflow included. */
    public int payloadSize() {
        return payloadSize;
    }

    /** The first page of its overflow chain, 0 for none. */
    public int overflowPage() {
        return overflowPage;
    }

    /** Whether the part of the payload on the page, its size and its overflow page are the same bytes. Says nothing of what the chain holds. */
    public boolean sameBytes(Cell other) {
        return payloadSize == other.payloadSize
                && overflowPage == other.overflowPage
                && Arrays.equals(bytes, start, start + local, other.bytes, other.start, other.start + other.local);
    }

    /**
     * The whole payload, with the overflow chain read from {@code pages}.
     *
     * @throws DamagedDatabaseException if the chain ends early, is too long, or leaves the database
     */
    public byte[] payload(PageSource pages, int usableSize) throws IOException {
        if (overflowPage == 0) {
            return Arrays.copyOfRange(bytes, start, start + local);
        }
        int perPage = usableSize - 4;
        // Before anything of that size is allocated: a damaged size must not cost more memory than the database has
        // bytes.
        checkChainLength(pages, usableSize);
        byte[] payload = new byte[payloadSize];
        System.arraycopy(bytes, start, payload, 0, local);
        int filled = local;
        for (int number = overflowPage, from = page; filled < payloadSize; ) {
            byte[] content = chained(pages, number, from, usableSize);
            int length = Math.min(perPage, payloadSize - filled);
            System.arraycopy(content, 4, payload, filled, length);
            filled += length;
            from = number;
            number = next(content, number, filled == payloadSize);
        }
        return payload;
    }

    /** How many pages its overflow chain has, as its payload says; 0 without one. */
    public int overflowPages(int usableSize) {
        int perPage = usableSize - 4;
        return overflowPage == 0 ? 0 : (int) (((long) payloadSize - local + perPage - 1) / perPage);
    }

    /**
     * The values of its record, in storage order; fewer than the table has columns if the row was written before columns were added.
     *
     * @throws DamagedDatabaseException if its payload is no record, or as {@link #payload}
     */
    public StoredValue[] values(PageSource pages, int usableSize, TextEncoding encoding) throws IOException {
        return values(pages, usableSize, encoding, Integer.MAX_VALUE);
    }

    /** The first {@code limit} of its values, or as many as there are. Reads the overflow chain only if they reach into it. */
    public StoredValue[] values(PageSource pages, int usableSize, TextEncoding encoding, int limit) throws IOException {
        try {
            StoredValue @Nullable [] values = RecordFormat.decode(bytes, start, local, payloadSize, encoding, limit);
            return values != null ? values : RecordFormat.decode(payload(pages, usableSize), encoding, limit);
        } catch (RecordFormat.NotARecordException e) {
            throw BTreePage.damaged(
                    page, (table ? "row " + rowid : "an entry") + " is not a record: " + e.getMessage());
        }
    }

    private void checkChainLength(PageSource pages, int usableSize) throws DamagedDatabaseException {
        int length = overflowPages(usableSize);
        if (length > pages.pageCount()) {
            throw BTreePage.damaged(
                    page,
                    "a payload of " + payloadSize + " bytes needs " + length
                            + " overflow pages, more than the database's " + pages.pageCount() + " pages");
        }
    }

    private static byte[] chained(PageSource pages, int number, int from, int usableSize) throws IOException {
        BTreeCursor.checkLink(pages, number, from);
        byte[] content = pages.page(number);
        if (content.length < usableSize) {
            throw BTreePage.damaged(number, "has " + content.length + " bytes, fewer than the usable " + usableSize);
        }
        return content;
    }

    private int next(byte[] content, int number, boolean last) throws DamagedDatabaseException {
        int next = Bytes.i32(content, 0);
        if (last != (next == 0)) {
            throw BTreePage.damaged(
                    number,
                    "the overflow chain of a payload of " + payloadSize + " bytes on page " + page
                            + (last
                                    ? " goes on to page " + Integer.toUnsignedString(next) + " behind its end"
                                    : " ends early"));
        }
        return next;
    }
}
