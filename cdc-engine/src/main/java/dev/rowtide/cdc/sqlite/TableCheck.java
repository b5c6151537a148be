package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The resources: do their tables exist, what of their rows can be told, and do their names tell them apart. */
final class TableCheck {
    private static final long LARGEST_EXACT = 1L << 53;
    private static final int MAX_LISTED = 8;
    private static final int VIRTUAL_COLUMN = 2;

    private TableCheck() {}

    /** A column as {@code PRAGMA table_xinfo} has it; {@code key} is its place in the primary key, from 1, or 0. */
    private record Column(String name, String type, int key, int hidden) {}

    static List<Finding> examine(Connection connection, SqliteSource source, List<RowCondition> conditions)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<TableName> present = SqliteCatalog.tables(connection);
        List<ResourceConfig> resources = choose(present, source, findings);
        List<String> keyless = new ArrayList<>();
        List<String> virtual = new ArrayList<>();
        List<String> wide = new ArrayList<>();
        for (ResourceConfig resource : resources) {
            String table = resource.table().table();
            List<Column> columns = columns(connection, table);
            List<Column> key =
                    columns.stream().filter(column -> column.key() > 0).toList();
            if (key.isEmpty()) {
                keyless.add(table);
            }
            columns.stream()
                    .filter(column -> column.hidden() == VIRTUAL_COLUMN)
                    .forEach(column -> virtual.add(table + '.' + column.name()));
            excluded(resource, columns, findings);
            if (resource.numbers() == ResourceConfig.Numbers.NUMBER
                    && key.size() == 1
                    && key.get(0).type().toUpperCase(Locale.ROOT).contains("INT")
                    && beyondExact(connection, table, key.get(0).name())) {
                wide.add(table + '.' + key.get(0).name());
            }
        }
        if (!keyless.isEmpty()) {
            findings.add(Finding.warning(
                    "keys",
                    "these tables have no primary key, so that their changes have no id and no record channel, and a VACUUM"
                            + " may come as changes of many rows: " + listed(keyless) + ". Give them one"));
        }
        if (!wide.isEmpty()) {
            findings.add(Finding.warning(
                    "keys",
                    "JavaScript rounds numbers beyond 2^53, and these keys have larger ones, so that two rows get the same"
                            + " id there: " + listed(wide) + ". Write them as strings",
                    "sqlite.numbers: string"));
        }
        if (!virtual.isEmpty()) {
            findings.add(Finding.info(
                    "columns",
                    "virtual generated columns are not stored, so they are in no change: " + listed(virtual)
                            + ". STORED ones are"));
        }
        if (!conditions.isEmpty()) {
            findings.addAll(RowCondition.examine(
                    conditions, DefinedTables.shapes(new DefinedTables().read(connection), resources)));
        }
        if (source.allTables()) {
            findings.addAll(leftOut(connection));
        }
        return findings;
    }

    /** The resources as the engine chooses them; what cannot be one becomes a finding. */
    private static List<ResourceConfig> choose(List<TableName> present, SqliteSource source, List<Finding> findings) {
        List<ResourceConfig> resources = new ArrayList<>();
        if (source.allTables()) {
            for (TableName table : present) {
                try {
                    resources.add(ResourceConfig.ofTable(table, source.numbers()));
                } catch (IllegalArgumentException e) {
                    findings.add(Finding.error(
                            "table " + table.table(), e.getMessage() + ", under resources in the configuration"));
                }
            }
            if (present.isEmpty()) {
                findings.add(Finding.info("tables", "there are none yet; one that is created later joins by itself"));
            }
            return resources;
        }
        Map<TableName, ResourceConfig> tables = new HashMap<>();
        for (ResourceConfig resource : source.resources()) {
            String subject = "resource " + resource.name();
            ResourceConfig sameTable = tables.putIfAbsent(resource.table(), resource);
            if (sameTable != null) {
                findings.add(Finding.error(
                        subject,
                        "table " + resource.table().table() + " is also the resource '" + sameTable.name()
                                + "': keep one of them"));
            } else if (present.contains(resource.table())) {
                resources.add(resource);
            } else {
                findings.add(Finding.error(subject, SqliteLog.missing(resource, present)));
            }
        }
        return resources;
    }

    private static void excluded(ResourceConfig resource, List<Column> columns, List<Finding> findings) {
        for (String name : new TreeSet<>(resource.excludedColumns())) {
            Column column = columns.stream()
                    .filter(c -> c.name().equals(name))
                    .findFirst()
                    .orElse(null);
            String where = "resources." + resource.name() + ".exclude-columns";
            if (column == null || column.hidden() == VIRTUAL_COLUMN) {
                String near = columns.stream()
                        .map(Column::name)
                        .filter(name::equalsIgnoreCase)
                        .findFirst()
                        .map(found -> " (there is '" + found + "')")
                        .orElse("");
                findings.add(Finding.error(
                        "table " + resource.table().table(),
                        "it has no stored column " + name + near + ", which " + where + " names: correct it"));
            } else if (column.key() > 0) {
                findings.add(Finding.error(
                        "table " + resource.table().table(),
                        "column " + name + " belongs to the primary key, by which clients know a row: take it out of "
                                + where));
            }
        }
    }

    /** What has no rows in the database's own tables. */
    private static List<Finding> leftOut(Connection connection) throws SQLException {
        List<String> virtual = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual' ORDER BY name")) {
            while (row.next()) {
                virtual.add(row.getString(1));
            }
        }
        return virtual.isEmpty()
                ? List.of()
                : List.of(Finding.info(
                        "tables",
                        "virtual tables have no rows of their own, so they are no resources: " + listed(virtual)));
    }

    private static List<Column> columns(Connection connection, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?, 'main')")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.add(new Column(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4)));
                }
            }
        }
        return columns;
    }

    /** Whether there is such a number in the column now; an integer key has an index or is the rowid, so both ends are found at once. */
    private static boolean beyondExact(Connection connection, String table, String column) throws SQLException {
        String name = TableName.quote(column);
        String from = " FROM " + new TableName(SqliteSource.SCHEMA, table).sql() + " WHERE typeof(" + name
                + ") = 'integer' AND ";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT 1" + from + name + " > " + LARGEST_EXACT
                        + ") OR EXISTS (SELECT 1" + from + name + " < -" + LARGEST_EXACT + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static String listed(List<String> names) {
        return names.size() <= MAX_LISTED
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, MAX_LISTED)) + " and " + (names.size() - MAX_LISTED) + " more";
    }
}
