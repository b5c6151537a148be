package dev.rowtide.sqlite.format;

import java.io.IOException;

/**
 * Walks the entries of one b-tree in key order, leaving out subtrees on request. Holds one page a level in memory. Not thread-safe.
 *
 * <p>In an index b-tree interior cells are entries too, and come in order between their subtrees.
 */
public final class BTreeCursor {
    /** Decides which subtrees are not walked. Called once a child, before its page is read. */
    public interface SubtreeFilter {
        boolean skip(int childPage);
    }

    /** Walks everything. */
    public static final SubtreeFilter NOTHING_SKIPPED = child -> false;

    /**
     * @param table whether it is a table b-tree; a page of the other kind is an error
     */
    public BTreeCursor(PageSource pages, int usableSize, int rootPage, boolean table, SubtreeFilter filter) {
        throw new UnsupportedOperationException();
    }

    /**
     * Goes to the next entry; at first to the first one.
     *
     * @return whether there is one
     * @throws DamagedDatabaseException if a page is not what its parent says, or the tree is deeper than any can be
     */
    public boolean next() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Of a table b-tree: goes to the first entry with a rowid beyond {@code rowid}; {@link #next} goes on from there. */
    public boolean seekAfter(long rowid) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The entry it stands on. */
    public Cell cell() {
        throw new UnsupportedOperationException();
    }

    /** The page that holds it. */
    public int page() {
        throw new UnsupportedOperationException();
    }
}
