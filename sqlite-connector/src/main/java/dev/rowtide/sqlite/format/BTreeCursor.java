package dev.rowtide.sqlite.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the entries of one b-tree in key order, leaving out subtrees on request. Holds one page a level in memory. Not thread-safe.
 *
 * <p>In an index b-tree interior cells are entries too, and come in order between their subtrees.
 *
 * <p>A damaged tree ends in an error and not in an endless walk: the depth is limited, a walk reads no more pages than the database has, and rowids must ascend.
 */
public final class BTreeCursor {
    /** Decides which subtrees are not walked. Called once a child, before its page is read. */
    public interface SubtreeFilter {
        boolean skip(int childPage);
    }

    /** Walks everything. */
    public static final SubtreeFilter NOTHING_SKIPPED = child -> false;

    /** SQLite's own limit: with 2^31 pages and two children a page at least, no sound tree comes near it. */
    private static final int MAX_DEPTH = 20;

    private final PageSource pages;
    private final int usableSize;
    private final int rootPage;
    private final boolean table;
    private final SubtreeFilter filter;

    /** The path from the root; {@code depth} of them are in use, 0 before the first entry and after the last. */
    private final @Nullable BTreePage[] path = new BTreePage[MAX_DEPTH];

    /**
     * Where it stands on each page of the path. A leaf: the cell. An interior page of a table: the child. One of an index: twice the child for a child, and one more
     * for the cell behind it.
     */
    private final int[] steps = new int[MAX_DEPTH];

    private int depth;
    private boolean started;
    private int pagesRead;
    private @Nullable Cell cell;
    private int page;
    private long lastRowid;
    private boolean hasLastRowid;

    /**
     * @param table whether it is a table b-tree; a page of the other kind is an error
     */
    public BTreeCursor(PageSource pages, int usableSize, int rootPage, boolean table, SubtreeFilter filter) {
        this.pages = pages;
        this.usableSize = usableSize;
        this.rootPage = rootPage;
        this.table = table;
        this.filter = filter;
    }

    /**
     * Goes to the next entry; at first to the first one.
     *
     * @return whether there is one
     * @throws DamagedDatabaseException if a page is not what its parent says, or the tree is deeper than any can be
     */
    public boolean next() throws IOException {
        if (!started) {
            restart();
        }
        while (depth > 0) {
            BTreePage top = top();
            int step = ++steps[depth - 1];
            if (top.isLeaf()) {
                if (step < top.cellCount()) {
                    return standOn(top, step);
                }
                ascend();
            } else if (step > (table ? top.cellCount() : 2 * top.cellCount())) {
                ascend();
            } else if (table || step % 2 == 0) {
                int child = child(top, table ? step : step / 2);
                if (!filter.skip(child)) {
                    descend(child);
                }
            } else {
                return standOn(top, step / 2);
            }
        }
        cell = null;
        return false;
    }

    /** Of a table b-tree: goes to the first entry with a rowid beyond {@code rowid}; {@link #next} goes on from there. */
    public boolean seekAfter(long rowid) throws IOException {
        if (!table) {
            throw new IllegalStateException(
                    "only table b-trees are searched by rowid, the one at page " + rootPage + " is an index");
        }
        restart();
        // Damaged pages must not lead back to where somebody came from: whoever reads in pieces would never end.
        lastRowid = rowid;
        hasLastRowid = true;
        while (true) {
            BTreePage top = top();
            int index = firstBeyond(top, rowid);
            if (top.isLeaf()) {
                steps[depth - 1] = index - 1;
                return next();
            }
            // The key of an interior cell is the greatest that its left child may hold.
            steps[depth - 1] = index;
            int child = child(top, index);
            if (filter.skip(child)) {
                return next();
            }
            descend(child);
        }
    }

    /** The entry it stands on. */
    public Cell cell() {
        if (cell == null) {
            throw new IllegalStateException("the cursor stands on no entry");
        }
        return cell;
    }

    /** The page that holds it. */
    public int page() {
        cell();
        return page;
    }

    /** @throws DamagedDatabaseException if nothing can link to page {@code number} */
    static void checkLink(PageSource pages, int number, int from) throws DamagedDatabaseException {
        if (number < 2 || number > pages.pageCount()) {
            throw BTreePage.damaged(
                    from,
                    "links to page " + Integer.toUnsignedString(number) + ", the database has pages 1 to "
                            + pages.pageCount());
        }
        if (number == DatabaseHeader.lockBytePage(pages.pageSize())) {
            throw BTreePage.damaged(from, "links to page " + number + ", which holds the lock bytes and no data");
        }
    }

    private void restart() throws IOException {
        while (depth > 0) {
            ascend();
        }
        started = true;
        cell = null;
        hasLastRowid = false;
        pagesRead = 0;
        if (rootPage != 1) {
            checkLink(pages, rootPage, 1);
        }
        push(read(rootPage));
    }

    private int child(BTreePage parent, int index) throws DamagedDatabaseException {
        int child = parent.child(index);
        checkLink(pages, child, parent.number());
        return child;
    }

    private void descend(int child) throws IOException {
        int parent = top().number();
        if (depth == MAX_DEPTH) {
            throw BTreePage.damaged(
                    parent, "lies " + MAX_DEPTH + " levels below the root " + rootPage + ", deeper than any tree");
        }
        if (pagesRead >= pages.pageCount()) {
            throw BTreePage.damaged(parent, "the tree of root " + rootPage + " reaches some page twice");
        }
        BTreePage read = read(child);
        if (read.cellCount() == 0) {
            throw BTreePage.damaged(child, "has no cells, which only a root may have; its parent is page " + parent);
        }
        push(read);
    }

    private BTreePage read(int number) throws IOException {
        pagesRead++;
        BTreePage read = BTreePage.parse(pages.page(number), number, usableSize);
        if (read.isTable() != table) {
            throw BTreePage.damaged(
                    number,
                    "belongs to " + (read.isTable() ? "a table" : "an index") + ", the tree of root " + rootPage
                            + " is " + (table ? "a table" : "an index"));
        }
        return read;
    }

    private void push(BTreePage read) {
        path[depth] = read;
        steps[depth] = -1;
        depth++;
    }

    private void ascend() {
        depth--;
        path[depth] = null;
    }

    private BTreePage top() {
        BTreePage top = path[depth - 1];
        if (top == null) {
            throw new IllegalStateException("no page at depth " + depth);
        }
        return top;
    }

    private boolean standOn(BTreePage top, int index) throws DamagedDatabaseException {
        Cell found = top.cell(index);
        if (table) {
            long rowid = found.rowid();
            if (hasLastRowid && rowid <= lastRowid) {
                throw BTreePage.damaged(top.number(), "rowid " + rowid + " stands behind rowid " + lastRowid);
            }
            lastRowid = rowid;
            hasLastRowid = true;
        }
        cell = found;
        page = top.number();
        return true;
    }

    /** The first cell with a rowid beyond {@code rowid}; the cell count if there is none. */
    private static int firstBeyond(BTreePage page, long rowid) throws DamagedDatabaseException {
        int low = 0;
        int high = page.cellCount();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (page.rowid(middle) > rowid) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
