package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.DatabaseHeader;
import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The tables of a database at one commit, sorted by name. Tables of SQLite's own ({@code sqlite_%}), virtual tables and their shadow tables are not among them. Immutable.
 *
 * @param header the database's header at that commit
 * @param tables all tables, sorted by name in byte order
 */
public record Schema(DatabaseHeader header, List<TableDefinition> tables) {
    public Schema {
        tables = List.copyOf(tables);
    }

    /**
     * Reads sqlite_schema from its pages and lets SQLite, in memory, parse the statements.
     *
     * @throws UnreadableDefinitionException if a definition cannot be parsed; it names the table
     */
    public static Schema read(PageSource pages) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The table of that name, ASCII case aside. */
    public Optional<TableDefinition> table(String name) {
        throw new UnsupportedOperationException();
    }
}
