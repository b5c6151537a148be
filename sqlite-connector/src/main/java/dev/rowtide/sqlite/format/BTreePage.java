package dev.rowtide.sqlite.format;

/**
 * One page of a b-tree ("Database File Format", section 1.6). Immutable; a view on the page's bytes.
 *
 * <p>The page's header is checked when it is parsed, each cell when it is asked for: most cells of a page are only compared, many not even that.
 */
public final class BTreePage {
    private static final int INDEX_INTERIOR = 2;
    private static final int TABLE_INTERIOR = 5;
    private static final int INDEX_LEAF = 10;
    private static final int TABLE_LEAF = 13;

    private final byte[] bytes;
    private final int number;
    private final int usableSize;
    private final boolean leaf;
    private final boolean table;
    private final int cellCount;
    private final int header;
    private final int pointers;

    /** Bounds of the part of a payload that is kept on the page. */
    private final int maxLocal;

    private final int minLocal;

    private BTreePage(byte[] bytes, int number, int usableSize, int header, int type) {
        this.bytes = bytes;
        this.number = number;
        this.usableSize = usableSize;
        this.header = header;
        this.leaf = type == INDEX_LEAF || type == TABLE_LEAF;
        this.table = type == TABLE_INTERIOR || type == TABLE_LEAF;
        this.cellCount = Bytes.u16(bytes, header + 3);
        this.pointers = header + (leaf ? 8 : 12);
        this.maxLocal = table ? usableSize - 35 : (usableSize - 12) * 64 / 255 - 23;
        this.minLocal = (usableSize - 12) * 32 / 255 - 23;
    }

    /**
     * @param number its page number (the header stands at 100 on page 1)
     * @param usableSize of {@link DatabaseHeader}
     * @throws DamagedDatabaseException if it is not a b-tree page, or has more cells than fit
     */
    public static BTreePage parse(byte[] page, int number, int usableSize) throws DamagedDatabaseException {
        if (page.length < usableSize) {
            throw damaged(number, "has " + page.length + " bytes, fewer than the usable " + usableSize);
        }
        int header = number == 1 ? 100 : 0;
        int type = page[header];
        if (type != INDEX_INTERIOR && type != TABLE_INTERIOR && type != INDEX_LEAF && type != TABLE_LEAF) {
            throw damaged(number, "is not a b-tree page: its type is " + (type & 0xff) + ", not 2, 5, 10 or 13");
        }
        BTreePage parsed = new BTreePage(page, number, usableSize, header, type);
        if (parsed.cellsStart() > usableSize) {
            throw damaged(
                    number, "says it has " + parsed.cellCount + " cells, more than fit in " + usableSize + " bytes");
        }
        return parsed;
    }

    public int number() {
        return number;
    }

    public boolean isLeaf() {
        return leaf;
    }

    /** Whether it belongs to a table b-tree (keyed by rowid), and not to an index b-tree. */
    public boolean isTable() {
        return table;
    }

    public int cellCount() {
        return cellCount;
    }

    /**
     * A cell. On interior pages of a table b-tree it has a rowid and no payload; on all other pages a payload.
     *
     * @param index from 0 to {@link #cellCount} - 1
     * @throws DamagedDatabaseException if it does not lie within the page
     */
    public Cell cell(int index) throws DamagedDatabaseException {
        int at = cellStart(index) + (leaf ? 0 : 4);
        if (table && !leaf) {
            return new Cell(bytes, number, true, Bytes.varint(bytes, at, varintLength(index, at)), at, 0, 0, 0);
        }
        int length = varintLength(index, at);
        long size = Bytes.varint(bytes, at, length);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw damaged(
                    number,
                    "cell " + index + " has a payload of " + Long.toUnsignedString(size)
                            + " bytes, the limit is 2147483647");
        }
        at += length;
        long rowid = 0;
        if (table) {
            length = varintLength(index, at);
            rowid = Bytes.varint(bytes, at, length);
            at += length;
        }
        int local = (int) size;
        int overflow = 0;
        if (size > maxLocal) {
            int surplus = minLocal + (int) ((size - minLocal) % (usableSize - 4));
            local = surplus <= maxLocal ? surplus : minLocal;
            checkInside(index, at, local + 4);
            overflow = pageNumber(at + local, "overflow of cell ", index);
        } else {
            checkInside(index, at, local);
        }
        return new Cell(bytes, number, table, rowid, at, local, (int) size, overflow);
    }

    /** The child to the left of cell {@code index}, or for {@code index == cellCount()} the right-most one. Interior pages only. */
    public int child(int index) throws DamagedDatabaseException {
        if (leaf) {
            throw new IllegalStateException("page " + number + " is a leaf, leaves have no children");
        }
        return pageNumber(index == cellCount ? header + 8 : cellStart(index), "child ", index);
    }

    /** The rowid of cell {@code index} of a table b-tree, without making a {@link Cell}. */
    long rowid(int index) throws DamagedDatabaseException {
        int at = cellStart(index) + (leaf ? varintLength(index, cellStart(index)) : 4);
        return Bytes.varint(bytes, at, varintLength(index, at));
    }

    private int cellsStart() {
        return pointers + 2 * cellCount;
    }

    private int cellStart(int index) throws DamagedDatabaseException {
        if (index < 0 || index >= cellCount) {
            throw new IndexOutOfBoundsException("page " + number + " has " + cellCount + " cells, none is " + index);
        }
        int start = Bytes.u16(bytes, pointers + 2 * index);
        // No cell has fewer than four bytes: SQLite keeps room for a freeblock's header.
        if (start < cellsStart() || start > usableSize - 4) {
            throw damaged(
                    number,
                    "cell " + index + " begins at " + start + ", outside " + cellsStart() + " to " + (usableSize - 4));
        }
        return start;
    }

    private int varintLength(int index, int at) throws DamagedDatabaseException {
        int length = Bytes.varintLength(bytes, at, usableSize);
        if (length == 0) {
            throw damaged(number, "cell " + index + " reaches beyond the page's " + usableSize + " bytes");
        }
        return length;
    }

    private void checkInside(int index, int at, int length) throws DamagedDatabaseException {
        if (length > usableSize - at) {
            throw damaged(number, "cell " + index + " reaches beyond the page's " + usableSize + " bytes");
        }
    }

    /** Nothing is put into words for a link that is right: an interior page has hundreds. */
    private int pageNumber(int at, String what, int index) throws DamagedDatabaseException {
        int linked = Bytes.i32(bytes, at);
        // Page 1 is the root of sqlite_schema, nothing links to it. As unsigned: numbers beyond 2^31 - 1 are refused,
        // too.
        if (linked < 2) {
            throw damaged(
                    number,
                    what + index + " is page " + Integer.toUnsignedString(linked) + ", links go to 2 to 2147483647");
        }
        return linked;
    }

    static DamagedDatabaseException damaged(int page, String what) {
        return new DamagedDatabaseException("page " + page + ": " + what);
    }
}
