package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreePage;
import java.io.IOException;
import java.util.Arrays;

/**
 * VACUUM gives the rows of a table without any key new rowids, 1, 2, 3 and so on, in the order they had. Nobody changed such a row, and a consumer has no key that could have changed.
 *
 * <p>Seen only if VACUUM is all that happened, as it is when it was captured as the transaction that it is. Where several commits arrive as one, the rows that moved come as changes.
 */
final class Renumbering {
    private Renumbering() {}

    /** The cheap conditions first; only what can be a VACUUM is read whole. */
    static boolean happened(
            TableDiffer rows, TableDefinition oldTable, TableDefinition table, Image before, Image after)
            throws IOException {
        return oldTable.primaryKey().isEmpty()
                && lastRowid(after, table.rootPage()) < lastRowid(before, oldTable.rootPage())
                && asManyCreatedAsDeleted(rows)
                && sameRows(rows.allBefore(), rows.allAfter());
    }

    private static long lastRowid(Image image, int root) throws IOException {
        int number = root;
        while (true) {
            BTreePage page = BTreePage.parse(image.pages().page(number), number, image.usableSize());
            if (page.isLeaf()) {
                return page.cellCount() == 0
                        ? Long.MIN_VALUE
                        : page.cell(page.cellCount() - 1).rowid();
            }
            number = page.child(page.cellCount());
        }
    }

    private static boolean asManyCreatedAsDeleted(TableDiffer rows) throws IOException {
        long difference = 0;
        boolean any = false;
        for (RowMerge merge = rows.mergeByRowid(); merge.next(); ) {
            difference += (merge.after() == null ? 0 : 1) - (merge.before() == null ? 0 : 1);
            any |= merge.before() == null;
        }
        return any && difference == 0;
    }

    private static boolean sameRows(RowCursor before, RowCursor after) throws IOException {
        for (long rowid = 1; after.next(); rowid++) {
            if (after.cell().rowid() != rowid || !before.next() || !Arrays.equals(before.row(), after.row())) {
                return false;
            }
        }
        return !before.next();
    }
}
