package dev.rowtide.sqlite.format;

import java.io.IOException;

/** One entry of a b-tree page. Immutable; a view on the page's bytes. */
public final class Cell {
    private Cell() {}

    /** Its rowid; table b-trees only. */
    public long rowid() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the whole payload, overflow included. */
    public int payloadSize() {
        throw new UnsupportedOperationException();
    }

    /** The first page of its overflow chain, 0 for none. */
    public int overflowPage() {
        throw new UnsupportedOperationException();
    }

    /** Whether the part of the payload on the page, its size and its overflow page are the same bytes. Says nothing of what the chain holds. */
    public boolean sameBytes(Cell other) {
        throw new UnsupportedOperationException();
    }

    /**
     * The whole payload, with the overflow chain read from {@code pages}.
     *
     * @throws DamagedDatabaseException if the chain ends early, is too long, or leaves the database
     */
    public byte[] payload(PageSource pages, int usableSize) throws IOException {
        throw new UnsupportedOperationException();
    }
}
