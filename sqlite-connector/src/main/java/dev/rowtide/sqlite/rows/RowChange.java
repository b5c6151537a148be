package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One row that is different after a transaction.
 *
 * @param table the table as it is after the transaction, or was before it when it was dropped
 * @param kind what happened
 * @param rowid the rowid after the change (before it, for a delete); empty for tables without one
 * @param before all stored columns in the order of {@link TableDefinition#columns}; null for a create and a read
 * @param after likewise; null for a delete
 */
public record RowChange(
        TableDefinition table,
        Kind kind,
        OptionalLong rowid,
        StoredValue @Nullable [] before,
        StoredValue @Nullable [] after) {

    /** What happened to a row. */
    public enum Kind {
        CREATE,
        UPDATE,
        DELETE,
        /** It was there when a snapshot was taken. */
        READ
    }
}
