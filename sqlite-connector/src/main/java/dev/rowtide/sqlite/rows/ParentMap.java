package dev.rowtide.sqlite.rows;

import java.util.Arrays;

/**
 * For each page of the walked trees, the page that links to it: interior page to child, page to the head of a cell's overflow chain, overflow page to the next one.
 *
 * <p>What holds after each transaction: the entry of every page that a walked tree reaches is right. Entries of other pages are leftovers, and mean nothing; following them marks
 * too much, never too little.
 */
final class ParentMap {
    private int[] parents = new int[256];

    /** @param parent 0 for a root */
    void link(int page, int parent) {
        if (page >= parents.length) {
            parents = Arrays.copyOf(parents, (int) Math.min(Integer.MAX_VALUE - 8, page + page / 4L + 256));
        }
        parents[page] = parent;
    }

    /** 0 for a root, and for a page that was never reached. */
    int parent(int page) {
        return page < parents.length ? parents[page] : 0;
    }
}
