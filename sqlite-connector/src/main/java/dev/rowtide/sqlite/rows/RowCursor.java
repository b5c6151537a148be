package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreeCursor;
import dev.rowtide.sqlite.format.Cell;
import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.format.KeyOrder;
import dev.rowtide.sqlite.format.StoredValue;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The rows of one table in one state, in the order of its b-tree, as the definition after the transaction sees them. Decodes a row when it is asked for. */
final class RowCursor {
    private final @Nullable BTreeCursor cursor;
    private final @Nullable RowReader reader;
    private final @Nullable ColumnMapping mapping;
    private final boolean withoutRowid;
    private final String name;
    private StoredValue @Nullable [] row;
    private StoredValue @Nullable [] key;
    private @Nullable KeyOrder order;
    private boolean valid;

    private RowCursor(
            @Nullable BTreeCursor cursor,
            @Nullable RowReader reader,
            @Nullable ColumnMapping mapping,
            boolean withoutRowid,
            String name) {
        this.name = name;
        this.cursor = cursor;
        this.reader = reader;
        this.mapping = mapping;
        this.withoutRowid = withoutRowid;
    }

    /** Of a table that does not exist. */
    static RowCursor none() {
        return new RowCursor(null, null, null, false, "");
    }

    /**
     * @param mapping from {@code table} to the definition after the transaction; null if it is that
     * @param filter is asked for the root, too
     */
    static RowCursor of(
            Image image, TableDefinition table, @Nullable ColumnMapping mapping, BTreeCursor.SubtreeFilter filter) {
        if (filter.skip(table.rootPage())) {
            return none();
        }
        return new RowCursor(
                new BTreeCursor(image.pages(), image.usableSize(), table.rootPage(), !table.withoutRowid(), filter),
                new RowReader(table, image),
                mapping,
                table.withoutRowid(),
                table.name());
    }

    /**
     * Has it check that each entry lies behind the one before. Every program may put a collation of its own in the place of NOCASE or RTRIM; a merge by the wrong order would
     * delete rows that are there.
     */
    RowCursor checking(KeyOrder order) {
        this.order = order;
        return this;
    }

    /** @throws DamagedDatabaseException if an entry is out of order, and that is checked */
    boolean next() throws IOException {
        StoredValue[] previous = order == null || !valid ? null : key();
        row = null;
        key = null;
        valid = cursor != null && cursor.next();
        if (valid && previous != null && order != null && order.compare(previous, key()) >= 0) {
            throw new DamagedDatabaseException("page " + cursor().page() + ": an entry of table " + name
                    + " is out of order; either the page is damaged, or a program has put a collation of its own in the place of NOCASE or RTRIM,"
                    + " and the table has to be left out");
        }
        return valid;
    }

    /** Goes to a row of a rowid table. */
    boolean seek(long rowid) throws IOException {
        row = null;
        key = null;
        if (cursor == null) {
            return false;
        }
        valid = rowid == Long.MIN_VALUE ? cursor.next() : cursor.seekAfter(rowid - 1);
        return valid && cell().rowid() == rowid;
    }

    /** Goes to the first row beyond a rowid. */
    boolean seekAfter(long rowid) throws IOException {
        row = null;
        key = null;
        valid = cursor != null && cursor.seekAfter(rowid);
        return valid;
    }

    /** Whether it stands on a row. */
    boolean valid() {
        return valid;
    }

    Cell cell() {
        return cursor().cell();
    }

    OptionalLong rowid() {
        return withoutRowid ? OptionalLong.empty() : OptionalLong.of(cell().rowid());
    }

    /** All stored columns of the definition after the transaction. */
    StoredValue[] row() throws IOException {
        if (row == null) {
            StoredValue[] read = reader().read(cell());
            row = mapping == null ? read : mapping.apply(read);
        }
        return row;
    }

    /** Of a WITHOUT ROWID table: what it is ordered by. */
    StoredValue[] key() throws IOException {
        if (key == null) {
            key = reader().readKey(cell());
        }
        return key;
    }

    private BTreeCursor cursor() {
        if (cursor == null) {
            throw new IllegalStateException("there is no table");
        }
        return cursor;
    }

    private RowReader reader() {
        if (reader == null) {
            throw new IllegalStateException("there is no table");
        }
        return reader;
    }
}
