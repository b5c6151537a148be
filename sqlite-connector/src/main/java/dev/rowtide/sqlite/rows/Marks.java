package dev.rowtide.sqlite.rows;

import org.jspecify.annotations.Nullable;

/** The pages that a transaction changed, and all pages above them in the trees as they were before: whatever is not marked leads to nothing that changed. */
final class Marks {
    private final @Nullable PageSet pages;
    private final boolean belowSchemaRoot;

    private Marks(@Nullable PageSet pages, boolean belowSchemaRoot) {
        this.pages = pages;
        this.belowSchemaRoot = belowSchemaRoot;
    }

    /** When nothing is known of what changed. */
    static Marks everything() {
        return new Marks(null, true);
    }

    /** @param maxPage of both states */
    static Marks of(int[] changedPages, ParentMap parents, int maxPage) {
        PageSet pages = new PageSet(maxPage);
        boolean belowSchemaRoot = false;
        for (int changed : changedPages) {
            int page = changed;
            // Leftover entries can form circles; a page that is marked already ends the climb.
            while (page != 0 && pages.add(page)) {
                page = parents.parent(page);
                belowSchemaRoot |= page == 1;
            }
        }
        return new Marks(pages, belowSchemaRoot);
    }

    boolean contains(int page) {
        return pages == null || pages.contains(page);
    }

    /** Whether a page below page 1 is marked. Page 1 itself holds the header, too, and changes more often than the schema. */
    boolean belowSchemaRoot() {
        return belowSchemaRoot;
    }
}
