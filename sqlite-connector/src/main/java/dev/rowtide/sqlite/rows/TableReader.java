package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;

/** The rows of one table at one commit, in key order, for snapshots. Not thread-safe. */
public final class TableReader {

    public TableReader(PageSource pages, Schema schema, TableDefinition table) {
        throw new UnsupportedOperationException();
    }

    /**
     * Goes on behind a row, also on another image than the one that it was read from; {@code after} is a row that {@link #next} returned, which need no longer exist.
     */
    public void seekAfter(RowChange after) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The next row, as a {@link RowChange.Kind#READ}; null at the end. */
    public @org.jspecify.annotations.Nullable RowChange next() throws IOException {
        throw new UnsupportedOperationException();
    }
}
