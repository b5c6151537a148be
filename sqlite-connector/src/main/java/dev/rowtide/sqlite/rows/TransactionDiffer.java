package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;
import java.util.function.Predicate;

/**
 * The row changes of one transaction after the other. Holds the schema and, for each page of a table, the page that links to it: four bytes a page. Not thread-safe.
 */
public final class TransactionDiffer {

    /**
     * Reads the schema and walks all tables once.
     *
     * @param start the state before the first transaction
     * @param tables which tables' rows are wanted, by name
     */
    public TransactionDiffer(PageSource start, Predicate<String> tables) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The schema after the last transaction. */
    public Schema schema() {
        throw new UnsupportedOperationException();
    }

    /**
     * Hands the changes between two states to {@code handler}: schema changes first, then rows, by table name, then by key; of a table whose declared key is not the
     * b-tree's, deletes first. The order depends on the two states only.
     *
     * @param before the state before the transaction, the one after the last call
     * @param after the state after it
     * @param changedPages what differs at most, ascending
     * @param complete whether all pages may differ, {@code changedPages} being all of {@code after}
     * @throws UnreadableDefinitionException if a table's definition cannot be read
     */
    public void diff(PageSource before, PageSource after, int[] changedPages, boolean complete, ChangeHandler handler)
            throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** The same, for a transaction whose events are not wanted any more: only the schema and the links are brought up to date. */
    public void skip(PageSource before, PageSource after, int[] changedPages, boolean complete) throws IOException {
        throw new UnsupportedOperationException();
    }
}
