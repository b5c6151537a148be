package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreePage;
import dev.rowtide.sqlite.format.Cell;
import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;

/** Walks the links of a b-tree: to children and along overflow chains. Holds one page a level. */
final class Links {
    /** Deeper no b-tree of SQLite is: even with two children a page, twenty levels exceed what its own cursors can hold. */
    static final int MAX_DEPTH = 20;

    /** Told of each link, before the page that it leads to is read. */
    interface Visitor {
        /**
         * @param parent 0 for the root
         * @return whether to go into the child
         */
        boolean child(int child, int parent);

        /** @return whether to go on along the chain */
        boolean overflow(int page, int previous);
    }

    private final PageSource pages;
    private final int usableSize;
    private final boolean table;
    private final Visitor visitor;

    private Links(Image image, boolean table, Visitor visitor) {
        this.pages = image.pages();
        this.usableSize = image.usableSize();
        this.table = table;
        this.visitor = visitor;
    }

    /** @param table whether it is a table b-tree */
    static void walk(Image image, int root, boolean table, Visitor visitor) throws IOException {
        new Links(image, table, visitor).child(root, 0, 0);
    }

    private void child(int number, int parent, int depth) throws IOException {
        check(number, parent);
        if (!visitor.child(number, parent)) {
            return;
        }
        if (depth == MAX_DEPTH) {
            throw new DamagedDatabaseException("page " + number + " lies deeper than " + MAX_DEPTH
                    + " levels below its root: its tree runs in a circle");
        }
        BTreePage page = BTreePage.parse(pages.page(number), number, usableSize);
        if (page.isTable() != table) {
            throw new DamagedDatabaseException("page " + number + " is a page of "
                    + (table ? "an index b-tree in a table b-tree" : "a table b-tree in an index b-tree"));
        }
        int cells = page.cellCount();
        if (page.isLeaf() || !table) {
            for (int i = 0; i < cells; i++) {
                Cell cell = page.cell(i);
                if (cell.overflowPage() != 0) {
                    overflow(cell, number);
                }
            }
        }
        if (!page.isLeaf()) {
            for (int i = 0; i <= cells; i++) {
                child(page.child(i), number, depth + 1);
            }
        }
    }

    /** The last page of a chain is not read: nothing follows it. */
    private void overflow(Cell cell, int holder) throws IOException {
        int previous = holder;
        int number = cell.overflowPage();
        for (int left = cell.overflowPages(usableSize); left > 0; left--) {
            check(number, previous);
            if (!visitor.overflow(number, previous) || left == 1) {
                return;
            }
            byte[] page = pages.page(number);
            previous = number;
            number = (page[0] & 0xFF) << 24 | (page[1] & 0xFF) << 16 | (page[2] & 0xFF) << 8 | page[3] & 0xFF;
        }
    }

    private void check(int number, int from) throws DamagedDatabaseException {
        if (number < 1 || number > pages.pageCount()) {
            throw new DamagedDatabaseException("page " + from + " links to page " + Integer.toUnsignedString(number)
                    + ", but the database has " + pages.pageCount() + " pages");
        }
    }
}
