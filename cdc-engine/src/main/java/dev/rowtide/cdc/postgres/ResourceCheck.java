package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The resources: do their tables exist, can their changes be read, and do their names tell them apart. */
final class ResourceCheck {
    private ResourceCheck() {}

    /** The resources as the engine chooses them; what cannot be one becomes a finding. */
    static List<ResourceConfig> choose(Connection connection, PostgresSource source, List<Finding> findings)
            throws SQLException {
        List<ResourceConfig> resources = new ArrayList<>();
        if (source.allTables()) {
            for (TableName table : PostgresCatalog.tables(connection, source.schemas())) {
                try {
                    resources.add(ResourceConfig.ofTable(table, source.numbers()));
                } catch (IllegalArgumentException e) {
                    findings.add(
                            Finding.error("table " + table, e.getMessage() + ", under resources in the configuration"));
                }
            }
            findings.addAll(emptySchemas(connection, source, resources));
            findings.addAll(unlogged(connection, source));
        } else {
            resources.addAll(source.resources());
        }
        Map<String, ResourceConfig> names = new HashMap<>();
        Map<TableName, ResourceConfig> tables = new HashMap<>();
        for (ResourceConfig resource : resources) {
            ResourceConfig sameName = names.putIfAbsent(resource.name(), resource);
            if (sameName != null) {
                findings.add(Finding.error(
                        "resource " + resource.name(),
                        "tables " + sameName.table() + " and " + resource.table() + " would both be the resource '"
                                + resource.name() + "': name them in the configuration's resources"));
            }
            ResourceConfig sameTable = tables.putIfAbsent(resource.table(), resource);
            if (sameTable != null) {
                findings.add(Finding.error(
                        "table " + resource.table(),
                        "table " + resource.table() + " is both the resource '" + sameTable.name() + "' and '"
                                + resource.name() + "': keep one of them"));
            }
        }
        return resources;
    }

    private static List<Finding> emptySchemas(
            Connection connection, PostgresSource source, List<ResourceConfig> resources) throws SQLException {
        Set<String> used = resources.stream().map(r -> r.table().schema()).collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>();
        for (String schema : source.schemas()) {
            if (!used.contains(schema)) {
                boolean exists = exists(connection, schema);
                findings.add(Finding.warning(
                        "schema " + schema,
                        exists
                                ? "there is no table in the schema '" + schema
                                        + "' yet: nothing is delivered until there is one"
                                : "there is no schema '" + schema + "': correct postgres.schemas"));
            }
        }
        return findings;
    }

    private static boolean exists(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static List<Finding> unlogged(Connection connection, PostgresSource source) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ANY (?) AND c.relkind = 'r' AND c.relpersistence = 'u' ORDER BY 1, 2")) {
            statement.setArray(
                    1, connection.createArrayOf("text", source.schemas().toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    TableName table = new TableName(row.getString(1), row.getString(2));
                    findings.add(Finding.info(
                            "table " + table,
                            "the table is unlogged, so its changes are in no log and it is not a resource",
                            setLogged(table)));
                }
            }
        }
        return findings;
    }

    /** Those resources whose table does not exist, each with the table that may be meant. */
    static List<Finding> missing(Connection connection, List<ResourceConfig> resources, List<TableFacts> tables)
            throws SQLException {
        Set<TableName> present = tables.stream().map(TableFacts::name).collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>();
        for (ResourceConfig resource : resources) {
            if (!present.contains(resource.table())) {
                TableName alike = null;
                try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE c.relkind IN ('r', 'p') AND lower(c.relname) IN (lower(?), lower(?) || 's', rtrim(lower(?), 's'))"
                                + " ORDER BY n.nspname = ? DESC, 1, 2 LIMIT 1")) {
                    for (int i = 1; i <= 3; i++) {
                        statement.setString(i, resource.table().table());
                    }
                    statement.setString(4, resource.table().schema());
                    try (ResultSet row = statement.executeQuery()) {
                        if (row.next()) {
                            alike = new TableName(row.getString(1), row.getString(2));
                        }
                    }
                }
                findings.add(Finding.error(
                        "resource " + resource.name(),
                        "there is no table " + resource.table() + (alike == null ? "" : " (is it " + alike + "?)")
                                + ": correct resources." + resource.name() + ".table"));
            }
        }
        return findings;
    }

    static List<Finding> examine(TableFacts table) {
        List<Finding> findings = new ArrayList<>();
        String wrongKind = switch (table.kind()) {
            case 'r', 'p' -> null;
            case 'v' -> "a view";
            case 'm' -> "a materialized view";
            case 'f' -> "a foreign table";
            default -> "no table";
        };
        if (wrongKind != null) {
            findings.add(Finding.error(
                    table.subject(),
                    table.name() + " is " + wrongKind
                            + ", and the log has the changes of tables only: name the table behind it as"
                            + " the resource '" + table.resource().name() + "'"));
        } else if (table.persistence() == 't') {
            findings.add(Finding.error(
                    table.subject(),
                    "the table is temporary: only its own session sees it, and its changes are in no log"));
        } else if (table.root() != null) {
            findings.add(Finding.error(
                    table.subject(),
                    "this is a partition of " + table.root()
                            + ", under whose name its changes come: name that one as the resource '"
                            + table.resource().name() + "'"));
        } else if (table.persistence() == 'u') {
            findings.add(Finding.error(
                    table.subject(), "the table is unlogged, so its changes are in no log", setLogged(table.name())));
        } else {
            for (TableFacts.Leaf leaf : table.leaves()) {
                if (leaf.kind() == 'f' || leaf.persistence() != 'p') {
                    boolean foreign = leaf.kind() == 'f';
                    findings.add(Finding.warning(
                            table.subject(),
                            "its partition " + leaf.name() + " is " + (foreign ? "a foreign table" : "unlogged")
                                    + ", so changes there are in no log",
                            foreign ? new String[0] : new String[] {setLogged(leaf.name())}));
                }
            }
        }
        for (String excluded :
                table.resource().excludedColumns().stream().sorted().toList()) {
            boolean exists = table.columns().stream().anyMatch(c -> c.name().equals(excluded));
            if (!exists) {
                findings.add(Finding.error(
                        table.subject(),
                        "it has no column '" + excluded + "', which is to be excluded (it has "
                                + table.columns().stream()
                                        .map(TableFacts.Column::name)
                                        .collect(Collectors.joining(", "))
                                + "): correct resources." + table.resource().name() + ".exclude-columns"));
            } else if (table.key().contains(excluded)) {
                findings.add(Finding.error(
                        table.subject(),
                        "'" + excluded
                                + "' is part of the primary key and cannot be excluded, since it is what tells rows apart:"
                                + " correct resources." + table.resource().name() + ".exclude-columns"));
            }
        }
        return findings;
    }

    private static String setLogged(TableName table) {
        return "ALTER TABLE " + table.sql() + " SET LOGGED";
    }
}
