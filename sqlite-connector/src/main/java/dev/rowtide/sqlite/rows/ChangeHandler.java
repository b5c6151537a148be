package dev.rowtide.sqlite.rows;

/** Takes the changes of a transaction, in order, on the thread that computes them. It may block: nothing else waits for it. */
public interface ChangeHandler {

    /** Told before any row of the transaction; in order of table names. */
    void schema(SchemaChange change) throws InterruptedException;

    void row(RowChange change) throws InterruptedException;
}
