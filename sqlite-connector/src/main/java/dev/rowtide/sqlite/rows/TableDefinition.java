package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.DatabaseHeader;
import dev.rowtide.sqlite.format.KeyOrder;
import java.util.List;
import java.util.OptionalInt;

/**
 * A table as its CREATE statement defines it, after SQLite itself has parsed it.
 *
 * @param name as declared; SQLite compares names without regard to ASCII case
 * @param rootPage the root of its b-tree
 * @param withoutRowid whether its rows are the entries of an index b-tree
 * @param strict whether it was declared STRICT
 * @param columns the stored columns, in declared order
 * @param storage for each position in a record, the index in {@code columns}
 * @param rowidAlias the index in {@code columns} of the INTEGER PRIMARY KEY, whose value is the rowid and which a record stores as NULL
 * @param primaryKey the declared key, as indexes in {@code columns} in key order; empty for a table without one
 * @param keyOrder of a WITHOUT ROWID table: how its b-tree is ordered, an element for each of the first positions in a record; empty otherwise
 * @param sql the CREATE statement as stored
 */
public record TableDefinition(
        String name,
        int rootPage,
        boolean withoutRowid,
        boolean strict,
        List<Column> columns,
        List<Integer> storage,
        OptionalInt rowidAlias,
        List<Integer> primaryKey,
        List<KeyOrder.Part> keyOrder,
        String sql) {

    public TableDefinition {
        columns = List.copyOf(columns);
        storage = List.copyOf(storage);
        primaryKey = List.copyOf(primaryKey);
        keyOrder = List.copyOf(keyOrder);
    }

    /** How the b-tree of a WITHOUT ROWID table is ordered, by the first positions of a record. */
    public KeyOrder btreeOrder(DatabaseHeader header) {
        return new KeyOrder(keyOrder, header.schemaFormat());
    }

    TableDefinition withRootPage(int page) {
        return page == rootPage
                ? this
                : new TableDefinition(
                        name, page, withoutRowid, strict, columns, storage, rowidAlias, primaryKey, keyOrder, sql);
    }
}
