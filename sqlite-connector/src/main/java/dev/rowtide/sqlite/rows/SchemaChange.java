package dev.rowtide.sqlite.rows;

import org.jspecify.annotations.Nullable;

/**
 * A table that is defined differently after a transaction.
 *
 * @param before its definition before; null for a table that was created
 * @param after its definition now; null for one that was dropped. A name that differs from {@code before}'s is a rename
 */
public record SchemaChange(
        @Nullable TableDefinition before, @Nullable TableDefinition after) {}
