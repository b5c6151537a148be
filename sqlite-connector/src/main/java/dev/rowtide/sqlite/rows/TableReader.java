package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreeCursor;
import dev.rowtide.sqlite.format.BTreePage;
import dev.rowtide.sqlite.format.KeyOrder;
import dev.rowtide.sqlite.format.PageSource;
import dev.rowtide.sqlite.format.StoredValue;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one table at one commit, in key order, for snapshots. Not thread-safe.
 *
 * <p>A rowid table is in the order of its rowids, whatever key it declares. A WITHOUT ROWID table whose collation only the users' programs know is in the order of its key's bytes,
 * and is read whole for each 16 MiB of rows, and again after each {@link #seekAfter}.
 */
public final class TableReader {
    private final Image image;
    private final TableDefinition table;
    private final @Nullable KeyOrder order;
    private final @Nullable KeyJoin unordered;
    private RowCursor cursor;

    /** It stands on the next row already. */
    private boolean ahead;

    public TableReader(PageSource pages, Schema schema, TableDefinition table) {
        this.image = new Image(pages, schema.header());
        this.table = table;
        this.order = table.withoutRowid() ? table.btreeOrder(schema.header()) : null;
        this.unordered = order != null && !order.comparable()
                ? new KeyJoin(
                        RowCursor::none, () -> all(BTreeCursor.NOTHING_SKIPPED), table.primaryKey(), KeyJoin.LIMIT)
                : null;
        this.cursor = all(BTreeCursor.NOTHING_SKIPPED);
        if (order != null && order.comparable()) {
            cursor.checking(order);
        }
    }

    /**
     * Goes on behind a row, also on another image than the one that it was read from; {@code after} is a row that {@link #next} returned, which need no longer exist.
     */
    public void seekAfter(RowChange after) throws IOException {
        StoredValue[] row = after.after();
        if (row == null) {
            throw new IllegalArgumentException(
                    "a " + after.kind() + " of table " + table.name() + " is no row that was read");
        }
        if (unordered != null) {
            unordered.seekAfter(CanonicalKey.of(row, table.primaryKey()));
        } else if (order != null) {
            seekAfter(row, order);
        } else {
            cursor = all(BTreeCursor.NOTHING_SKIPPED);
            cursor.seekAfter(after.rowid().orElseThrow());
            ahead = true;
        }
    }

    /** The next row, as a {@link RowChange.Kind#READ}; null at the end. */
    public @Nullable RowChange next() throws IOException {
        if (unordered != null) {
            KeyJoin.Match match = unordered.next();
            return match == null ? null : read(OptionalLong.empty(), match.after());
        }
        boolean found = ahead ? cursor.valid() : cursor.next();
        ahead = false;
        return found ? read(cursor.rowid(), cursor.row()) : null;
    }

    /** Leaves out all subtrees that end before the key, and then what is left of such entries. */
    private void seekAfter(StoredValue[] row, KeyOrder order) throws IOException {
        StoredValue[] key = new StoredValue[order.size()];
        for (int position = 0; position < key.length; position++) {
            key[position] = row[table.storage().get(position)];
        }
        RowReader reader = new RowReader(table, image);
        PageSet passed = new PageSet(image.pages().pageCount());
        int number = table.rootPage();
        for (int depth = 0; depth <= Links.MAX_DEPTH; depth++) {
            BTreePage page = BTreePage.parse(image.pages().page(number), number, image.usableSize());
            if (page.isLeaf()) {
                break;
            }
            int index = firstBeyond(page, reader, key, order);
            for (int i = 0; i < index; i++) {
                passed.add(page.child(i));
            }
            number = page.child(index);
        }
        cursor = all(passed::contains).checking(order);
        while (cursor.next() && order.compare(cursor.key(), key) <= 0) {
            // Not beyond it yet.
        }
        ahead = true;
    }

    private static int firstBeyond(BTreePage page, RowReader reader, StoredValue[] key, KeyOrder order)
            throws IOException {
        int low = 0;
        int high = page.cellCount();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(reader.readKey(page.cell(middle)), key) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private RowCursor all(BTreeCursor.SubtreeFilter filter) {
        return RowCursor.of(image, table, null, filter);
    }

    private RowChange read(OptionalLong rowid, StoredValue @Nullable [] row) {
        return new RowChange(table, RowChange.Kind.READ, rowid, null, row);
    }
}
