package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreeCursor;
import dev.rowtide.sqlite.format.KeyOrder;
import dev.rowtide.sqlite.format.StoredValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The row changes of one table in one transaction, in an order that depends on the two states only.
 *
 * <p>Rows are never collected: where an order needs to know of later rows, the trees are walked again.
 *
 * <ul>
 *   <li>Table and key as before, and the key is the b-tree's (or there is none): one walk, in key order.
 *   <li>Another key is declared: deletes first, since a new row may take the key of a deleted one; then the rest, in the order of rowids. A row that was deleted and created again
 *       under the same key, within the bound of {@link KeyedPairs}, is one update.
 *   <li>The orders of the two trees cannot be compared: {@link KeyJoin}.
 *   <li>The table has become another one, with another kind of key: all its old rows are deleted, then all new ones created.
 * </ul>
 *
 * <p>A row whose declared key changed is a delete and a create.
 */
final class TableDiffer {
    private final @Nullable TableDefinition oldTable;
    private final TableDefinition table;
    private final @Nullable ColumnMapping mapping;
    private final Image before;
    private final Image after;
    private final Marks marks;
    private final ChangeHandler handler;

    /** Whether equal bytes are equal rows. */
    private final boolean alike;

    private final BTreeCursor.SubtreeFilter filter;

    TableDiffer(
            TablePair pair,
            TableDefinition table,
            Image before,
            Image after,
            Marks marks,
            PageSet shared,
            ChangeHandler handler) {
        this.oldTable = pair.before();
        this.table = table;
        this.mapping = pair.columns();
        this.before = before;
        this.after = after;
        this.marks = marks;
        this.handler = handler;
        this.alike = mapping != null && mapping.readsAlike() && before.encoding() == after.encoding();
        this.filter = alike ? shared::contains : BTreeCursor.NOTHING_SKIPPED;
    }

    void emit() throws IOException, InterruptedException {
        if (oldTable == null || mapping == null) {
            emitCreates();
        } else if (!oldTable.withoutRowid() && !table.withoutRowid()) {
            emitRowidTable(oldTable, mapping);
        } else if (before.encoding() != after.encoding()
                || !mapping.samePrimaryKey()
                || table.primaryKey().isEmpty()) {
            emitDeletes();
            emitCreates();
        } else {
            KeyOrder order = table.btreeOrder(after.header());
            if (order.comparable()
                    && mapping.sameKeyOrder()
                    && before.header().schemaFormat() == after.header().schemaFormat()) {
                emitInOrder(new RowMerge(
                        befores().checking(order),
                        afters().checking(order),
                        (old, row) -> order.compare(old.key(), row.key()),
                        this::sameBytes));
            } else {
                emitJoined();
            }
        }
    }

    private void emitRowidTable(TableDefinition oldTable, ColumnMapping mapping)
            throws IOException, InterruptedException {
        if (table.primaryKey().isEmpty()) {
            if (!Renumbering.happened(this, oldTable, table, before, after)) {
                emitInOrder(mergeByRowid());
            }
        } else if (table.rowidAlias().isPresent() && mapping.sameAlias()) {
            emitInOrder(mergeByRowid());
        } else {
            emitDeletesFirst();
        }
    }

    RowCursor befores() {
        return oldTable == null ? RowCursor.none() : RowCursor.of(before, oldTable, mapping, filter);
    }

    RowCursor afters() {
        return RowCursor.of(after, table, null, filter);
    }

    /** All rows before, whatever they have in common with those after. */
    RowCursor allBefore() {
        return oldTable == null
                ? RowCursor.none()
                : RowCursor.of(before, oldTable, mapping, BTreeCursor.NOTHING_SKIPPED);
    }

    RowCursor allAfter() {
        return RowCursor.of(after, table, null, BTreeCursor.NOTHING_SKIPPED);
    }

    RowMerge mergeByRowid() {
        return new RowMerge(befores(), afters(), RowMerge.BY_ROWID, this::sameBytes);
    }

    /** An unmarked head is a chain without changes; behind a marked one anything can have been rewritten in place. */
    private boolean sameBytes(RowCursor old, RowCursor row) {
        return alike
                && old.cell().sameBytes(row.cell())
                && !(row.cell().overflowPage() != 0 && marks.contains(row.cell().overflowPage()));
    }

    private void emitInOrder(RowMerge rows) throws IOException, InterruptedException {
        while (rows.next()) {
            RowCursor old = rows.before();
            RowCursor row = rows.after();
            if (row == null) {
                delete(old);
            } else if (old == null) {
                create(row);
            } else if (!table.rowidAlias().isPresent() && !sameKey(old.row(), row.row())) {
                // Equal by its collation, but not to a consumer.
                delete(old);
                create(row);
            } else {
                update(row, old.row());
            }
        }
    }

    private void emitDeletes() throws IOException, InterruptedException {
        for (RowCursor old = allBefore(); old.next(); ) {
            delete(old);
        }
    }

    private void emitCreates() throws IOException, InterruptedException {
        for (RowCursor row = allAfter(); row.next(); ) {
            create(row);
        }
    }

    private void emitJoined() throws IOException, InterruptedException {
        KeyJoin join = new KeyJoin(this::befores, this::afters, table.primaryKey(), KeyJoin.LIMIT);
        for (KeyJoin.Match match = join.next(); match != null; match = join.next()) {
            RowChange.Kind kind = match.before() == null
                    ? RowChange.Kind.CREATE
                    : match.after() == null ? RowChange.Kind.DELETE : RowChange.Kind.UPDATE;
            handler.row(new RowChange(table, kind, match.rowid(), match.before(), match.after()));
        }
    }

    private void emitDeletesFirst() throws IOException, InterruptedException {
        long deletes = 0;
        long creates = 0;
        for (RowMerge rows = mergeByRowid(); rows.next(); ) {
            boolean sameKey = hasSameKey(rows);
            deletes += rows.before() != null && !sameKey ? 1 : 0;
            creates += rows.after() != null && !sameKey ? 1 : 0;
        }
        KeyedPairs pairs = deletes > 0 && creates > 0 ? createdKeys() : null;
        if (deletes > 0) {
            for (RowMerge rows = mergeByRowid(); rows.next(); ) {
                RowCursor old = rows.before();
                if (old != null && !hasSameKey(rows) && !isReplaced(old, pairs)) {
                    delete(old);
                }
            }
        }
        for (RowMerge rows = mergeByRowid(); rows.next(); ) {
            RowCursor row = rows.after();
            if (row != null) {
                emitCreateOrUpdate(rows, row, pairs);
            }
        }
    }

    private void emitCreateOrUpdate(RowMerge rows, RowCursor row, @Nullable KeyedPairs pairs)
            throws IOException, InterruptedException {
        RowCursor old = rows.before();
        if (old != null && sameKey(old.row(), row.row())) {
            update(row, old.row());
            return;
        }
        byte[] key = CanonicalKey.of(row.row(), table.primaryKey());
        OptionalLong replaced = pairs == null || key == null ? OptionalLong.empty() : pairs.take(key);
        if (replaced.isEmpty()) {
            create(row);
            return;
        }
        RowCursor deleted = allBefore();
        if (!deleted.seek(replaced.getAsLong())) {
            throw new IllegalStateException("row " + replaced.getAsLong() + " of " + table.name() + " was just read");
        }
        if (!Arrays.equals(deleted.row(), row.row())) {
            update(row, deleted.row());
        }
    }

    /** Null if there are too many. */
    private @Nullable KeyedPairs createdKeys() throws IOException {
        KeyedPairs pairs = new KeyedPairs(KeyedPairs.LIMIT);
        for (RowMerge rows = mergeByRowid(); rows.next(); ) {
            RowCursor row = rows.after();
            if (row != null && !hasSameKey(rows)) {
                byte[] key = CanonicalKey.of(row.row(), table.primaryKey());
                if (key != null && !pairs.create(key)) {
                    return null;
                }
            }
        }
        return pairs;
    }

    private boolean isReplaced(RowCursor old, @Nullable KeyedPairs pairs) throws IOException {
        byte[] key = pairs == null ? null : CanonicalKey.of(old.row(), table.primaryKey());
        return pairs != null && key != null && pairs.delete(key, old.cell().rowid());
    }

    private boolean hasSameKey(RowMerge rows) throws IOException {
        RowCursor old = rows.before();
        RowCursor row = rows.after();
        return old != null && row != null && sameKey(old.row(), row.row());
    }

    private boolean sameKey(StoredValue[] old, StoredValue[] row) {
        for (int column : table.primaryKey()) {
            if (!old[column].equals(row[column])) {
                return false;
            }
        }
        return true;
    }

    private void delete(@Nullable RowCursor old) throws IOException, InterruptedException {
        if (old != null) {
            handler.row(new RowChange(table, RowChange.Kind.DELETE, old.rowid(), old.row(), null));
        }
    }

    private void create(RowCursor row) throws IOException, InterruptedException {
        handler.row(new RowChange(table, RowChange.Kind.CREATE, row.rowid(), null, row.row()));
    }

    private void update(RowCursor row, StoredValue[] old) throws IOException, InterruptedException {
        handler.row(new RowChange(table, RowChange.Kind.UPDATE, row.rowid(), old, row.row()));
    }
}
