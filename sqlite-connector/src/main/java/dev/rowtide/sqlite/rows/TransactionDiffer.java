package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.DatabaseHeader;
import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The row changes of one transaction after the other. Holds the schema and, for each page of a table, the page that links to it: four bytes a page. Not thread-safe.
 *
 * <p>Reads changed pages, those between them and the roots of their trees, and nothing else; unless a table was rebuilt. After an error, or an interrupt, it is of no more use:
 * what it knows is that of neither state.
 */
public final class TransactionDiffer {
    private final Predicate<String> tables;
    private ParentMap parents = new ParentMap();
    private Schema schema;

    /** Each wanted table with itself, while the schema does not change. */
    private List<TablePair> unchanged;

    /**
     * Reads the schema and walks all tables once.
     *
     * @param start the state before the first transaction
     * @param tables which tables' rows are wanted, by name; its answer for a name never changes
     */
    public TransactionDiffer(PageSource start, Predicate<String> tables) throws IOException {
        this.tables = tables;
        this.schema = Schema.read(start);
        this.unchanged = TablePair.of(schema, schema, tables);
        enterAll(new Image(start, schema.header()));
    }

    /** The schema after the last transaction. */
    public Schema schema() {
        return schema;
    }

    /**
     * Hands the changes between two states to {@code handler}: schema changes first, then rows, by table name, then by key; of a table whose declared key is not the
     * b-tree's, deletes first. The order depends on the two states only.
     *
     * <p>A dropped table is a schema change; its rows are not deleted one by one. A created one is a schema change and all its rows. A table that was rebuilt under its old name in one
     * transaction is the same table, and its rows are compared.
     *
     * @param before the state before the transaction, the one after the last call
     * @param after the state after it
     * @param changedPages what differs at most, ascending
     * @param complete whether all pages may differ, {@code changedPages} being all of {@code after}
     * @throws UnreadableDefinitionException if a table's definition cannot be read
     */
    public void diff(PageSource before, PageSource after, int[] changedPages, boolean complete, ChangeHandler handler)
            throws IOException, InterruptedException {
        Marks marks = complete
                ? Marks.everything()
                : Marks.of(changedPages, parents, Math.max(before.pageCount(), after.pageCount()));
        boolean newSchema = complete || schemaChanged(before, after, marks);
        Schema old = schema;
        if (newSchema) {
            schema = Schema.read(after, old);
        } else if (marks.contains(1)) {
            schema = new Schema(DatabaseHeader.parse(after.page(1)), old.tables());
        }
        Image beforeImage = new Image(before, old.header());
        Image afterImage = new Image(after, schema.header());
        List<TablePair> pairs = newSchema ? TablePair.of(old, schema, tables) : unchanged;
        if (newSchema) {
            unchanged = TablePair.of(schema, schema, tables);
            announce(pairs, handler);
        }
        if (complete) {
            parents = new ParentMap();
            enterAll(afterImage);
        } else if (newSchema) {
            SharedSubtrees.find(Tree.ofSchema(beforeImage), Tree.ofSchema(afterImage), marks, parents);
        }
        for (TablePair pair : pairs) {
            TableDefinition table = pair.after();
            if (table != null && canDiffer(pair, table, marks)) {
                PageSet shared = complete
                        ? new PageSet(0)
                        : SharedSubtrees.find(
                                pair.before() == null ? null : Tree.of(beforeImage, pair.before()),
                                Tree.of(afterImage, table),
                                marks,
                                parents);
                new TableDiffer(pair, table, beforeImage, afterImage, marks, shared, handler).emit();
            }
        }
    }

    /** Page 1 changes with every page that is added or freed, for its header; what decides is the tree behind it. */
    private static boolean schemaChanged(PageSource before, PageSource after, Marks marks) throws IOException {
        if (marks.belowSchemaRoot()) {
            return true;
        }
        if (!marks.contains(1)) {
            return false;
        }
        byte[] old = before.page(1);
        byte[] now = after.page(1);
        return !Arrays.equals(old, 100, old.length, now, 100, now.length);
    }

    private static void announce(List<TablePair> pairs, ChangeHandler handler) throws InterruptedException {
        for (TablePair pair : pairs) {
            if (pair.isRedefined()) {
                handler.schema(new SchemaChange(pair.before(), pair.after()));
            }
        }
    }

    private static boolean canDiffer(TablePair pair, TableDefinition table, Marks marks) {
        TableDefinition before = pair.before();
        ColumnMapping columns = pair.columns();
        return before == null
                || columns == null
                || before.rootPage() != table.rootPage()
                || marks.contains(table.rootPage())
                || !columns.readsAlike();
    }

    /** For tests: throws if a link of a walked tree is missing from what is kept, or wrong. Reads all pages of all tables. */
    void checkLinks(PageSource now) throws IOException {
        for (Tree tree : trees(new Image(now, schema.header()))) {
            Links.walk(tree.image(), tree.root(), tree.table(), new Links.Visitor() {
                @Override
                public boolean child(int child, int parent) {
                    check(child, parent);
                    return true;
                }

                @Override
                public boolean overflow(int page, int previous) {
                    check(page, previous);
                    return true;
                }
            });
        }
    }

    private void check(int page, int parent) {
        if (parents.parent(page) != parent) {
            throw new IllegalStateException(
                    "page " + page + " is linked from page " + parent + ", and not from page " + parents.parent(page));
        }
    }

    private void enterAll(Image image) throws IOException {
        for (Tree tree : trees(image)) {
            SharedSubtrees.enterAll(tree, parents);
        }
    }

    private List<Tree> trees(Image image) {
        List<Tree> trees = new ArrayList<>();
        trees.add(Tree.ofSchema(image));
        for (TablePair pair : unchanged) {
            if (pair.after() != null) {
                trees.add(Tree.of(image, pair.after()));
            }
        }
        return trees;
    }
}
