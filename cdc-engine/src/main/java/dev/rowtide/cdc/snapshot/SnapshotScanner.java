package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotRow;

/**
 * Reads rows as of one snapshot of the database, on one connection of its own, which it opens when it is needed. Used by one thread; {@link #interrupt} may be called by any.
 */
public interface SnapshotScanner extends AutoCloseable {

    /**
     * Takes a snapshot, says where it cuts the log, hands out the rows, and lets the snapshot go, whatever happens.
     *
     * @throws SourceFailure if the rows cannot be had, with a sentence. The scanner remains usable
     * @throws ScanEndedException if {@code output} does
     */
    void scan(SnapshotScan scan, Output output) throws SourceFailure, ScanEndedException;

    /** Where rows go. */
    interface Output {
        /** The snapshot is taken. Once, before the first row. */
        void begin(SnapshotCut cut) throws ScanEndedException;

        /**
         * A row. May wait for those who take it.
         *
         * @param characters of the row's JSON, for the size of chunks
         */
        void row(SnapshotRow row, int characters) throws ScanEndedException;
    }

    /** Has a {@link #scan} that is under way fail soon, also while the database works and brings nothing. Does nothing if there is none. */
    void interrupt();

    /** Lets the connection go. The next scan opens another. */
    @Override
    void close();
}
