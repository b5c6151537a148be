package dev.rowtide.sqlite.rows;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the trees of one table before and after a transaction have in common, so that the comparison can leave it out; and enters the new links in the {@link ParentMap}.
 *
 * <p><b>The rule.</b> A subtree is left out if its top page is not marked, and marked pages of <em>both</em> trees link to it as a child (a root that is not marked counts as linked).
 *
 * <p><b>Why it is right.</b> Before the transaction the parent map is right for every page that a walked tree reaches. Let {@code q} be left out, and {@code r} any page that it led
 * to before: climbing from {@code r} leads through {@code q}. Had {@code r} changed, {@code q} were marked. So {@code q} and everything below it, overflow chains included, are byte for byte what
 * they were; the links among them are, too; hence {@code q} leads to the same pages with the same content after the transaction, and its rows are equal. It does not matter whether the
 * table's root moved, or what else happened to pages above {@code q}.
 *
 * <p>A page that is not marked, but linked on one side only, proves nothing (it can be a freed page that still has its old content, or one of a tree that was not walked before), and is walked.
 *
 * <p><b>Why the map stays right.</b> A link that is new stands on a changed page, or on a page that no walked tree reached before. Pages that changed are marked, and so are all pages between
 * them and the nearest link that is new or the root: this walk passes over all of them. Where it meets a page that is not marked and that marked pages did not link to before, it cannot
 * know whether the links below were ever entered, and enters all of them. Such pages are rare.
 */
final class SharedSubtrees {
    private final PageSet linkedBefore;
    private final PageSet chainedBefore;
    private final PageSet shared;

    private SharedSubtrees(int maxPage) {
        linkedBefore = new PageSet(maxPage);
        chainedBefore = new PageSet(maxPage);
        shared = new PageSet(maxPage);
    }

    /**
     * @param before a root and its image; null if there was no such tree
     */
    static PageSet find(@Nullable Tree before, Tree after, Marks marks, ParentMap parents) throws IOException {
        int maxPage = after.image().pages().pageCount();
        SharedSubtrees trees = new SharedSubtrees(
                before == null
                        ? maxPage
                        : Math.max(maxPage, before.image().pages().pageCount()));
        if (before != null) {
            Links.walk(before.image(), before.root(), before.table(), trees.collect(marks));
        }
        Links.walk(after.image(), after.root(), after.table(), trees.enter(marks, parents));
        return trees.shared;
    }

    /** Enters all links of a tree. */
    static void enterAll(Tree tree, ParentMap parents) throws IOException {
        Links.walk(tree.image(), tree.root(), tree.table(), new Links.Visitor() {
            @Override
            public boolean child(int child, int parent) {
                parents.link(child, parent);
                return true;
            }

            @Override
            public boolean overflow(int page, int previous) {
                parents.link(page, previous);
                return true;
            }
        });
    }

    private Links.Visitor collect(Marks marks) {
        return new Links.Visitor() {
            @Override
            public boolean child(int child, int parent) {
                if (marks.contains(child)) {
                    return true;
                }
                linkedBefore.add(child);
                return false;
            }

            @Override
            public boolean overflow(int page, int previous) {
                if (marks.contains(page)) {
                    return true;
                }
                chainedBefore.add(page);
                return false;
            }
        };
    }

    private Links.Visitor enter(Marks marks, ParentMap parents) {
        return new Links.Visitor() {
            @Override
            public boolean child(int child, int parent) {
                parents.link(child, parent);
                if (!marks.contains(child) && linkedBefore.contains(child)) {
                    shared.add(child);
                    return false;
                }
                return true;
            }

            @Override
            public boolean overflow(int page, int previous) {
                parents.link(page, previous);
                return marks.contains(page) || !chainedBefore.contains(page);
            }
        };
    }
}
