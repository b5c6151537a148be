package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonType;
import dev.rowtide.cdc.JsonType.Simple;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.ResourceRows;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the rows of the resources look like, from the catalog. The rules are those of {@link PostgresTypes}, which writes the values.
 *
 * <p>For one thread, and one look.
 */
public final class PostgresRows {
    /** By OIDs that are the same in every PostgreSQL (pg_type.dat of its sources). Int8 and numeric are not among them. */
    private static final Map<Long, JsonType> BUILT_IN = Map.of(
            16L, Simple.BOOLEAN,
            21L, Simple.NUMBER, // int2
            23L, Simple.NUMBER, // int4
            700L, Simple.NUMBER, // float4
            701L, Simple.NUMBER, // float8
            114L, Simple.JSON,
            3802L, Simple.JSON, // jsonb
            22L, new JsonType.Array(Simple.NUMBER, 1), // int2vector
            30L, new JsonType.Array(Simple.STRING, 1)); // oidvector

    private static final Set<Long> WIDE = Set.of(20L, 1700L);

    private static final String LABELS =
            "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = ?::pg_catalog.oid ORDER BY enumsortorder";

    /** Types inside types. PostgreSQL forbids cycles; this stops at one that the catalog should not have. */
    private static final int MAX_DEPTH = 100;

    private final Connection connection;
    private final TypeCatalog catalog;
    private final Map<Long, JsonType> narrow = new HashMap<>();
    private final Map<Long, JsonType> wideAsText = new HashMap<>();

    private PostgresRows(Connection connection) {
        this.connection = connection;
        catalog = new TypeCatalog(connection);
    }

    /**
     * Opens a connection of its own and closes it.
     *
     * @return sorted by public name
     * @throws SourceFailure if the database cannot be asked, or has no such table
     */
    public static List<ResourceRows> read(PostgresSource source) throws SourceFailure {
        try (Connection connection = source.address().connect()) {
            return new PostgresRows(connection).all(source);
        } catch (SQLException e) {
            throw PostgresFailures.explain(e, source.address());
        } catch (IllegalArgumentException e) {
            throw SourceFailure.permanent(String.valueOf(e.getMessage()), e);
        }
    }

    private List<ResourceRows> all(PostgresSource source) throws SQLException, SourceFailure {
        List<ResourceConfig> resources = source.allTables() ? everyTable(source) : source.resources();
        var columns = PostgresCatalog.columns(
                connection,
                resources.stream().map(r -> r.table().schema()).distinct().toList());
        List<ResourceRows> rows = new ArrayList<>();
        for (ResourceConfig resource : resources) {
            List<PostgresCatalog.Column> present = columns.get(resource.table());
            if (present == null && !source.allTables()) {
                throw SourceFailure.permanent("there is no table " + resource.table() + " for the resource '"
                        + resource.name() + "': correct resources." + resource.name() + ".table");
            }
            rows.add(rows(resource, present == null ? List.of() : present));
        }
        rows.sort(Comparator.comparing(ResourceRows::name));
        return rows;
    }

    /** As the engine chooses them. */
    private List<ResourceConfig> everyTable(PostgresSource source) throws SQLException {
        Set<TableName> harmful = PostgresCatalog.withoutIdentity(connection, source.schemas());
        return PostgresCatalog.tables(connection, source.schemas()).stream()
                .filter(table -> !harmful.contains(table))
                .map(table -> ResourceConfig.ofTable(table, source.numbers()))
                .toList();
    }

    private ResourceRows rows(ResourceConfig resource, List<PostgresCatalog.Column> columns) throws SQLException {
        List<ResourceRows.Column> shown = new ArrayList<>();
        for (PostgresCatalog.Column column : columns) {
            if (!resource.excludedColumns().contains(column.name())) {
                JsonType type = type(column.type(), resource.numbers(), 0);
                if (type instanceof JsonType.Array array && column.dimensions() > 1) {
                    // They bind nobody, but who declares them means them.
                    type = new JsonType.Array(array.element(), column.dimensions());
                }
                shown.add(new ResourceRows.Column(column.name(), type, !column.notNull()));
            }
        }
        return new ResourceRows(resource.name(), shown);
    }

    private JsonType type(long oid, Numbers numbers, int depth) throws SQLException {
        if (WIDE.contains(oid)) {
            return numbers == Numbers.STRING ? Simple.STRING : Simple.NUMBER;
        }
        JsonType builtIn = BUILT_IN.get(oid);
        if (builtIn != null) {
            return builtIn;
        }
        Map<Long, JsonType> known = numbers == Numbers.STRING ? wideAsText : narrow;
        JsonType type = known.get(oid);
        if (type == null) {
            type = depth > MAX_DEPTH ? Simple.STRING : look(oid, numbers, depth);
            known.put(oid, type);
        }
        return type;
    }

    private JsonType look(long oid, Numbers numbers, int depth) throws SQLException {
        TypeCatalog.Type type = catalog.find(oid);
        if (type instanceof TypeCatalog.Domain domain) {
            return type(domain.base(), numbers, depth + 1);
        }
        if (type instanceof TypeCatalog.Array array) {
            return new JsonType.Array(type(array.element(), numbers, depth + 1), 1);
        }
        if (type instanceof TypeCatalog.Composite composite) {
            List<ResourceRows.Column> fields = new ArrayList<>();
            for (TypeCatalog.Attribute attribute : composite.attributes()) {
                fields.add(new ResourceRows.Column(attribute.name(), type(attribute.type(), numbers, depth + 1), true));
            }
            return new JsonType.Composite(fields);
        }
        if (type instanceof TypeCatalog.Hstore) {
            return Simple.TEXT_MAP;
        }
        List<String> labels = labels(oid);
        return labels.isEmpty() ? Simple.STRING : new JsonType.Labels(labels);
    }

    private List<String> labels(long oid) throws SQLException {
        List<String> labels = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(LABELS)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    labels.add(row.getString(1));
                }
            }
        }
        return labels;
    }
}
