package dev.rowtide.sqlite.rows;

/**
 * The b-tree of a table in one state.
 *
 * @param table whether it is a table b-tree, and not that of a WITHOUT ROWID table
 */
record Tree(Image image, int root, boolean table) {
    static Tree of(Image image, TableDefinition table) {
        return new Tree(image, table.rootPage(), !table.withoutRowid());
    }

    /** That of sqlite_schema. */
    static Tree ofSchema(Image image) {
        return new Tree(image, 1, true);
    }
}
