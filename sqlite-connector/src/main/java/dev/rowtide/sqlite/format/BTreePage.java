package dev.rowtide.sqlite.format;

/** One page of a b-tree, checked. Immutable; a view on the page's bytes. */
public final class BTreePage {
    private BTreePage() {}

    /**
     * @param number its page number (the header stands at 100 on page 1)
     * @param usableSize of {@link DatabaseHeader}
     * @throws DamagedDatabaseException if it is not a b-tree page, or its cells do not lie within it
     */
    public static BTreePage parse(byte[] page, int number, int usableSize) throws DamagedDatabaseException {
        throw new UnsupportedOperationException();
    }

    public int number() {
        throw new UnsupportedOperationException();
    }

    public boolean isLeaf() {
        throw new UnsupportedOperationException();
    }

    /** Whether it belongs to a table b-tree (keyed by rowid), and not to an index b-tree. */
    public boolean isTable() {
        throw new UnsupportedOperationException();
    }

    public int cellCount() {
        throw new UnsupportedOperationException();
    }

    /**
     * A cell. On interior pages of a table b-tree it has a rowid and no payload; on all other pages a payload.
     *
     * @param index from 0 to {@link #cellCount} - 1
     */
    public Cell cell(int index) throws DamagedDatabaseException {
        throw new UnsupportedOperationException();
    }

    /** The child to the left of cell {@code index}, or for {@code index == cellCount()} the right-most one. Interior pages only. */
    public int child(int index) throws DamagedDatabaseException {
        throw new UnsupportedOperationException();
    }
}
