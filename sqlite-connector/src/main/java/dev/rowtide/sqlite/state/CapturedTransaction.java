package dev.rowtide.sqlite.state;

import java.io.IOException;

/** A transaction in the spool, whole. Used by one thread at a time. */
public interface CapturedTransaction {

    TransactionHeader header();

    /** The numbers of the pages it changed, ascending, without repetition. Four bytes a page are held in memory. */
    int[] changedPages();

    /**
     * A page as this transaction left it, read from the spool.
     *
     * @throws IOException if it cannot be read, or is none of {@link #changedPages}
     */
    byte[] page(int number) throws IOException;
}
