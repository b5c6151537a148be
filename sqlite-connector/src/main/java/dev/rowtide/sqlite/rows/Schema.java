package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.BTreeCursor;
import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.format.DatabaseHeader;
import dev.rowtide.sqlite.format.PageSource;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a database at one commit, sorted by name. Tables of SQLite's own ({@code sqlite_%}), virtual tables and their shadow tables are not among them. Immutable.
 *
 * @param header the database's header at that commit
 * @param tables all tables, sorted by name in byte order
 */
public record Schema(DatabaseHeader header, List<TableDefinition> tables) {
    private static final int SCHEMA_ROOT = 1;
    private static final int SCHEMA_COLUMNS = 5;

    /** By the bytes of their UTF-8, which differs from String's order beyond U+FFFF. */
    private static final Comparator<TableDefinition> BY_NAME =
            Comparator.comparing(table -> table.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    public Schema {
        tables = List.copyOf(tables);
    }

    /**
     * Reads sqlite_schema from its pages and lets SQLite, in memory, parse the statements. Views, indexes and triggers are not looked at, however broken.
     *
     * @throws UnreadableDefinitionException if a definition cannot be parsed; it names the table
     */
    public static Schema read(PageSource pages) throws IOException {
        return read(pages, null);
    }

    /** The same; statements that are the same in {@code previous}, a schema of the same database, are not parsed again. */
    static Schema read(PageSource pages, @Nullable Schema previous) throws IOException {
        DatabaseHeader header = DatabaseHeader.parse(pages.page(1));
        List<Entry> entries = entries(pages, header);
        Set<String> shadows = new HashSet<>();
        for (Entry entry : entries) {
            if (entry.rootPage == 0 && entry.sql != null) {
                shadows.addAll(ShadowTables.of(entry.readableName(), entry.readableSql()));
            }
        }
        Map<String, TableDefinition> known = new HashMap<>();
        if (previous != null && previous.header.encoding() == header.encoding()) {
            previous.tables.forEach(table -> known.put(table.name(), table));
        }
        List<TableDefinition> tables = new ArrayList<>();
        try (Definitions definitions = new Definitions(header.encoding(), known)) {
            for (Entry entry : entries) {
                String folded = asciiLowerCase(entry.readableName());
                if (entry.rootPage != 0 && !folded.startsWith("sqlite_") && !shadows.contains(folded)) {
                    tables.add(definitions.of(entry));
                }
            }
        }
        tables.sort(BY_NAME);
        return new Schema(header, tables);
    }

    /** The table of that name, ASCII case aside. */
    public Optional<TableDefinition> table(String name) {
        String folded = asciiLowerCase(name);
        return tables.stream()
                .filter(table -> asciiLowerCase(table.name()).equals(folded))
                .findFirst();
    }

    /** As SQLite compares names: letters beyond ASCII are not folded. */
    static String asciiLowerCase(String name) {
        StringBuilder folded = new StringBuilder(name);
        for (int i = 0; i < folded.length(); i++) {
            char character = folded.charAt(i);
            if (character >= 'A' && character <= 'Z') {
                folded.setCharAt(i, (char) (character + ('a' - 'A')));
            }
        }
        return folded.toString();
    }

    static String asciiUpperCase(String name) {
        StringBuilder folded = new StringBuilder(name);
        for (int i = 0; i < folded.length(); i++) {
            char character = folded.charAt(i);
            if (character >= 'a' && character <= 'z') {
                folded.setCharAt(i, (char) (character - ('a' - 'A')));
            }
        }
        return folded.toString();
    }

    /**
     * A row of sqlite_schema of type table.
     *
     * @param rootPage 0 for a virtual table
     */
    private record Entry(StoredValue.Text name, int rootPage, StoredValue.@Nullable Text sql) {
        String readableName() {
            return name.encoding().decode(name.bytes());
        }

        String readableSql() {
            return sql == null ? "" : sql.encoding().decode(sql.bytes());
        }
    }

    private static List<Entry> entries(PageSource pages, DatabaseHeader header) throws IOException {
        List<Entry> entries = new ArrayList<>();
        BTreeCursor cursor =
                new BTreeCursor(pages, header.usableSize(), SCHEMA_ROOT, true, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            StoredValue[] row = cursor.cell().values(pages, header.usableSize(), header.encoding());
            String where = "page " + cursor.page() + ": row " + cursor.cell().rowid() + " of sqlite_schema ";
            if (row.length < SCHEMA_COLUMNS) {
                throw new DamagedDatabaseException(where + "has " + row.length + " columns, not " + SCHEMA_COLUMNS);
            }
            if (!(row[0] instanceof StoredValue.Text type)
                    || !header.encoding().decode(type.bytes()).equals("table")) {
                continue;
            }
            if (!(row[1] instanceof StoredValue.Text name)) {
                throw new DamagedDatabaseException(where + "is a table without a name");
            }
            long rootPage = row[3] instanceof StoredValue.Int number ? number.value() : 0;
            if (rootPage < 0 || rootPage == SCHEMA_ROOT || rootPage > pages.pageCount()) {
                throw new DamagedDatabaseException(
                        where + "gives a table the root page " + rootPage + " of " + pages.pageCount() + " pages");
            }
            entries.add(new Entry(name, (int) rootPage, row[4] instanceof StoredValue.Text sql ? sql : null));
        }
        return entries;
    }

    /** Definitions known already, and a parser for the others, opened when the first of them comes. */
    private static final class Definitions implements AutoCloseable {
        private final TextEncoding encoding;
        private final Map<String, TableDefinition> known;
        private @Nullable DefinitionParser parser;

        Definitions(TextEncoding encoding, Map<String, TableDefinition> known) {
            this.encoding = encoding;
            this.known = known;
        }

        TableDefinition of(Entry entry) throws IOException {
            if (entry.sql == null) {
                throw new UnreadableDefinitionException(
                        "table \"" + entry.readableName() + "\": sqlite_schema has no CREATE statement for it");
            }
            TableDefinition before = known.get(entry.readableName());
            if (before != null && before.sql().equals(entry.readableSql())) {
                return before.withRootPage(entry.rootPage);
            }
            DefinitionParser open = parser;
            if (open == null) {
                open = new DefinitionParser(encoding);
                parser = open;
            }
            return open.parse(entry.name, entry.rootPage, entry.sql);
        }

        @Override
        public void close() {
            if (parser != null) {
                parser.close();
            }
        }
    }
}
