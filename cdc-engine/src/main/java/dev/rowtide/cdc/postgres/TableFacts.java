package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One resource's table as the catalog has it. Read for all tables at once: a database may have thousands.
 *
 * @param kind {@code pg_class.relkind}
 * @param persistence {@code pg_class.relpersistence}
 * @param root for a partition, the table that it is a part of at last; null for others
 * @param owner the owner's name
 * @param owned whether the role has the owner's rights
 * @param schemaUsable whether the role has USAGE on the schema
 * @param columns in table order
 * @param leaves where the rows are: the table itself, or its partitions
 */
record TableFacts(
        ResourceConfig resource,
        char kind,
        char persistence,
        @Nullable TableName root,
        String owner,
        boolean owned,
        boolean schemaUsable,
        List<Column> columns,
        List<Leaf> leaves) {

    static final char DEFAULT = 'd';
    static final char FULL = 'f';
    static final char NOTHING = 'n';
    static final char BY_INDEX = 'i';
    static final char STORED = 's';
    static final char VIRTUAL = 'v';

    /**
     * @param type as SQL writes it, a domain's base type
     * @param key whether it is part of the primary key
     * @param generated {@code pg_attribute.attgenerated}, a blank for an ordinary column
     * @param fromSequence whether its values come from a sequence
     * @param selectable whether the role may read it
     * @param jsonCast the function by which {@code to_jsonb} would write its type, null for nearly all
     */
    record Column(
            String name,
            String type,
            boolean key,
            char generated,
            boolean fromSequence,
            boolean selectable,
            @Nullable String jsonCast) {}

    /**
     * @param identity {@code pg_class.relreplident}
     * @param identityColumns what identifies an old row in the log, for {@code FULL} all columns; empty means: nothing does
     * @param usableKey whether there is a primary key that could; a deferrable one could not
     */
    record Leaf(
            TableName name,
            char kind,
            char persistence,
            char identity,
            List<String> identityColumns,
            boolean usableKey) {}

    TableName name() {
        return resource.table();
    }

    String subject() {
        return "table " + name();
    }

    /** Whether its changes are in the log: a table, made to last, and not a part of another one. */
    boolean isLogged() {
        return (kind == 'r' || kind == 'p') && persistence == 'p' && root == null;
    }

    /** Whether old rows of it, and of each of its partitions, can be told apart in the log; if not, publishing it harms those who write. */
    boolean isIdentified() {
        return leaves().stream()
                .noneMatch(leaf -> leaf.kind() == 'r' && leaf.identityColumns().isEmpty());
    }

    boolean excludes(Column column) {
        return resource.excludedColumns().contains(column.name());
    }

    List<String> key() {
        return columns.stream().filter(Column::key).map(Column::name).toList();
    }

    /** The facts of those tables that exist, in the order of the resources. */
    static List<TableFacts> read(Connection connection, List<ResourceConfig> resources) throws SQLException {
        Map<Integer, List<Column>> columns = columns(connection, resources);
        Map<Integer, List<Leaf>> leaves = leaves(connection, resources);
        String sql = """
                SELECT w.n, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),
                       has_schema_privilege(c.relnamespace, 'USAGE'), rn.nspname, r.relname
                  FROM wanted w JOIN pg_class c ON c.oid = w.oid
                  LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
                  LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace ORDER BY 1""";
        List<TableFacts> tables = new ArrayList<>();
        try (PreparedStatement statement = prepare(connection, sql, resources);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                int n = row.getInt(1);
                tables.add(new TableFacts(
                        resources.get(n),
                        row.getString(2).charAt(0),
                        row.getString(3).charAt(0),
                        row.getString(7) == null ? null : new TableName(row.getString(7), row.getString(8)),
                        row.getString(4),
                        row.getBoolean(5),
                        row.getBoolean(6),
                        columns.getOrDefault(n, List.of()),
                        leaves.getOrDefault(n, List.of())));
            }
        }
        return tables;
    }

    private static Map<Integer, List<Column>> columns(Connection connection, List<ResourceConfig> resources)
            throws SQLException {
        String sql = """
                SELECT w.n, a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL),
                       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = w.oid AND i.indisprimary
                                 AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])),
                       a.attgenerated, a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%',
                       has_column_privilege(w.oid, a.attnum, 'SELECT'), f.proname
                  FROM wanted w
                  JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
                  JOIN pg_type t ON t.oid = a.atttypid
                  LEFT JOIN pg_attrdef d ON d.adrelid = w.oid AND d.adnum = a.attnum
                  LEFT JOIN (pg_cast c JOIN pg_proc f ON f.oid = c.castfunc AND f.probin IS DISTINCT FROM '$libdir/hstore')
                    ON c.castsource IN (t.oid, t.typelem, t.typbasetype) AND c.casttarget = 'json'::regtype AND c.castmethod = 'f'
                   AND c.castsource >= 16384
                 ORDER BY w.n, a.attnum""";
        Map<Integer, List<Column>> columns = new HashMap<>();
        try (PreparedStatement statement = prepare(connection, sql, resources);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                columns.computeIfAbsent(row.getInt(1), n -> new ArrayList<>())
                        .add(new Column(
                                row.getString(2),
                                row.getString(3),
                                row.getBoolean(4),
                                row.getString(5).isEmpty()
                                        ? ' '
                                        : row.getString(5).charAt(0),
                                row.getBoolean(6),
                                row.getBoolean(7),
                                row.getString(8)));
            }
        }
        return columns;
    }

    /**
     * An index identifies rows for the log only if it is valid and checked at once (relcache.c, RelationGetIndexList), and only by its key columns, not by those that it includes
     * (RelationGetIndexAttrBitmap).
     */
    private static Map<Integer, List<Leaf>> leaves(Connection connection, List<ResourceConfig> resources)
            throws SQLException {
        String sql = """
                SELECT w.n, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
                       (SELECT array_agg(a.attname::text ORDER BY a.attnum)
                          FROM pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (c.relreplident = 'f' OR EXISTS (
                               SELECT FROM pg_index i
                                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                                  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END))),
                       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate)
                  FROM wanted w
                  JOIN pg_class root ON root.oid = w.oid AND root.relkind IN ('r', 'p')
                 CROSS JOIN LATERAL (
                       SELECT t.relid FROM pg_partition_tree(w.oid) t WHERE root.relkind = 'p' AND t.isleaf
                        UNION ALL SELECT w.oid WHERE root.relkind = 'r') l
                  JOIN pg_class c ON c.oid = l.relid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 ORDER BY 1, 2, 3""";
        Map<Integer, List<Leaf>> leaves = new HashMap<>();
        try (PreparedStatement statement = prepare(connection, sql, resources);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Array identity = row.getArray(7);
                leaves.computeIfAbsent(row.getInt(1), n -> new ArrayList<>())
                        .add(new Leaf(
                                new TableName(row.getString(2), row.getString(3)),
                                row.getString(4).charAt(0),
                                row.getString(5).charAt(0),
                                row.getString(6).charAt(0),
                                identity == null ? List.of() : List.of((String[]) identity.getArray()),
                                row.getBoolean(8)));
            }
        }
        return leaves;
    }

    /** @param sql may use {@code wanted}: the index of a resource and its table's OID */
    private static PreparedStatement prepare(Connection connection, String sql, List<ResourceConfig> resources)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement("""
                WITH wanted AS (
                  SELECT w.n - 1 AS n, c.oid::regclass AS oid
                    FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS w (schema_name, table_name, n)
                    JOIN pg_namespace s ON s.nspname = w.schema_name
                    JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = w.table_name)
                """ + sql);
        Object[] schemas = resources.stream().map(r -> r.table().schema()).toArray();
        Object[] tables = resources.stream().map(r -> r.table().table()).toArray();
        statement.setArray(1, connection.createArrayOf("text", schemas));
        statement.setArray(2, connection.createArrayOf("text", tables));
        return statement;
    }
}
