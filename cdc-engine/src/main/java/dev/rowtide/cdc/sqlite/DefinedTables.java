package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.RowShape;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The columns of the tables of a SQLite database, as their CREATE statements define them.
 *
 * <p>The file is only asked for the statements; what they mean a database in memory says. It has to be able to write: SQLite does not tell a column's collating sequence, except as that of an index, which is
 * therefore written into sqlite_schema there, and never built. Nothing is executed, so functions and collating sequences that only the users' programs have do no harm.
 *
 * <p>For one thread: the supervisor's. A statement that is as before is not read again.
 */
final class DefinedTables {
    private static final String STATEMENTS =
            "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND sql IS NOT NULL";
    private static final String INDEX = "sqlite_all_columns";
    private static final int TABLE_ROOT = 2;
    private static final int INDEX_ROOT = 3;
    private static final int VIRTUAL = 2;

    private Map<String, Table> known = Map.of();

    /** @param type how its values compare */
    record Column(String name, ColumnType type) {}

    private record Table(String sql, String encoding, List<Column> columns) {}

    /** The columns of each table that are stored, in table order; a table whose definition this library cannot read is left out. */
    Map<TableName, List<Column>> read(Connection file) throws SQLException {
        Map<String, Table> now = new HashMap<>();
        try (Statement statement = file.createStatement()) {
            String encoding;
            try (ResultSet row = statement.executeQuery("PRAGMA main.encoding")) {
                row.next();
                encoding = row.getString(1).toUpperCase(Locale.ROOT);
            }
            try (ResultSet row = statement.executeQuery(STATEMENTS)) {
                while (row.next()) {
                    now.put(row.getString(1), new Table(row.getString(2), encoding, List.of()));
                }
            }
        }
        define(now);
        known = now;
        Map<TableName, List<Column>> columns = new TreeMap<>();
        now.forEach((name, table) -> {
            if (!table.columns().isEmpty()) {
                columns.put(new TableName(SqliteSource.SCHEMA, name), table.columns());
            }
        });
        return columns;
    }

    /** The shapes of those resources whose table is among these, by public name. */
    static Map<String, RowShape> shapes(Map<TableName, List<Column>> tables, List<ResourceConfig> resources) {
        Map<String, RowShape> shapes = new TreeMap<>();
        for (ResourceConfig resource : resources) {
            List<Column> columns = tables.get(resource.table());
            if (columns != null) {
                List<Column> shown = columns.stream()
                        .filter(column -> !resource.excludedColumns().contains(column.name()))
                        .toList();
                shapes.put(
                        resource.name(),
                        new RowShape(
                                shown.stream().map(Column::name).toList(),
                                shown.stream().map(Column::type).toList()));
            }
        }
        return shapes;
    }

    private void define(Map<String, Table> tables) throws SQLException {
        boolean anyNew = false;
        for (Map.Entry<String, Table> entry : tables.entrySet()) {
            Table before = known.get(entry.getKey());
            Table now = entry.getValue();
            if (before != null
                    && before.sql().equals(now.sql())
                    && before.encoding().equals(now.encoding())) {
                entry.setValue(before);
            } else {
                anyNew = true;
            }
        }
        if (!anyNew) {
            return;
        }
        try (Connection memory = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = memory.createStatement()) {
            statement.execute("CREATE TABLE t (x)");
            statement.execute("CREATE INDEX i ON t (x)");
            for (Map.Entry<String, Table> entry : tables.entrySet()) {
                Table table = entry.getValue();
                if (table != known.get(entry.getKey())) {
                    entry.setValue(new Table(
                            table.sql(),
                            table.encoding(),
                            columns(memory, entry.getKey(), table.sql(), table.encoding())));
                }
            }
        }
    }

    private static List<Column> columns(Connection memory, String table, String sql, String encoding)
            throws SQLException {
        try {
            load(memory, true, "table", table, table, TABLE_ROOT, sql);
            boolean strict;
            try (PreparedStatement query = memory.prepareStatement(
                    "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?")) {
                query.setString(1, table);
                try (ResultSet row = query.executeQuery()) {
                    strict = row.next() && row.getBoolean(1);
                }
            }
            Map<String, String> declared = declared(memory, table);
            String columns = declared.keySet().stream().map(TableName::quote).collect(Collectors.joining(", "));
            load(
                    memory,
                    false,
                    "index",
                    INDEX,
                    table,
                    INDEX_ROOT,
                    "CREATE INDEX " + INDEX + " ON " + TableName.quote(table) + " (" + columns + ")");
            List<Column> read = new ArrayList<>();
            try (Statement statement = memory.createStatement();
                    ResultSet row = statement.executeQuery("SELECT name, coll FROM pragma_index_xinfo('" + INDEX
                            + "') WHERE \"key\" ORDER BY seqno")) {
                while (row.next()) {
                    String type = declared.getOrDefault(row.getString(1), "");
                    read.add(new Column(
                            row.getString(1),
                            StoredType.of(
                                    type,
                                    StoredType.affinity(type, strict),
                                    row.getString(2).toUpperCase(Locale.ROOT),
                                    encoding)));
                }
            }
            return List.copyOf(read);
        } catch (SQLException e) {
            // A newer library may have written it; the connector, which cannot read it either, is the one to say so.
            return List.of();
        }
    }

    /** The stored columns, with their declared types. */
    private static Map<String, String> declared(Connection memory, String table) throws SQLException {
        Map<String, String> declared = new LinkedHashMap<>();
        try (PreparedStatement query =
                memory.prepareStatement("SELECT name, type, hidden FROM pragma_table_xinfo(?) ORDER BY cid")) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (row.getInt(3) != VIRTUAL) {
                        String type = row.getString(2);
                        declared.put(row.getString(1), type == null ? "" : type);
                    }
                }
            }
        }
        return declared;
    }

    /** Makes SQLite read a statement as if it found it in a file. */
    private static void load(
            Connection memory, boolean alone, String type, String name, String table, int rootPage, String sql)
            throws SQLException {
        try (Statement statement = memory.createStatement()) {
            statement.execute("PRAGMA writable_schema = ON");
            if (alone) {
                statement.execute("DELETE FROM sqlite_schema");
            }
            try (PreparedStatement insert =
                    memory.prepareStatement("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)")) {
                insert.setString(1, type);
                insert.setString(2, name);
                insert.setString(3, table);
                insert.setInt(4, rootPage);
                insert.setString(5, sql);
                insert.executeUpdate();
            }
            // Also forgets the schema read before. With the schema writable, faults would pass in silence.
            statement.execute("PRAGMA writable_schema = RESET");
        }
    }
}
