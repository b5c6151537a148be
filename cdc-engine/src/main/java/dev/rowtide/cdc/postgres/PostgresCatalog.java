package dev.rowtide.cdc.postgres;

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
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Questions to {@code pg_catalog} that the bridge itself needs answered; what only the doctor asks stands there. */
final class PostgresCatalog {
    private PostgresCatalog() {}

    /**
     * What identifies rows of a table now. The log does not say it: after a change of the key, rows that were written before may be read with the new one.
     *
     * @param primaryKey column names in key order, empty if there is none; a unique index does not count
     * @param identity the columns that an old row has in the log
     * @param full whether an old row has all of them ({@code REPLICA IDENTITY FULL})
     */
    record RowIdentity(List<String> primaryKey, List<String> identity, boolean full) {}

    static RowIdentity identity(Connection connection, TableName table) throws SQLException {
        String sql = """
                SELECT c.relreplident,
                       (SELECT array_agg(a.attname::text ORDER BY k.n)
                          FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a
                         WHERE i.indrelid = c.oid AND i.indisprimary AND k.n <= i.indnkeyatts
                           AND a.attrelid = c.oid AND a.attnum = k.attnum),
                       (SELECT array_agg(a.attname::text ORDER BY k.n)
                          FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a
                         WHERE i.indrelid = c.oid AND i.indisreplident AND k.n <= i.indnkeyatts
                           AND a.attrelid = c.oid AND a.attnum = k.attnum)
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return new RowIdentity(List.of(), List.of(), false); // dropped since
                }
                List<String> primaryKey = strings(row.getArray(2));
                return switch (row.getString(1)) {
                    case "f" -> new RowIdentity(primaryKey, List.of(), true);
                    case "i" -> new RowIdentity(primaryKey, strings(row.getArray(3)), false);
                    case "n" -> new RowIdentity(primaryKey, List.of(), false);
                    default -> new RowIdentity(primaryKey, primaryKey, false);
                };
            }
        }
    }

    /** The tables of {@code schemas} whose changes reach the log: ordinary and partitioned ones, no partitions, no temporary or unlogged ones. */
    static List<TableName> tables(Connection connection, List<String> schemas) throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ANY (?) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
                   AND NOT EXISTS (SELECT 1 FROM pg_depend d
                                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
                 ORDER BY 1, 2
                """;
        List<TableName> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", schemas.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.add(new TableName(row.getString(1), row.getString(2)));
                }
            }
        }
        return tables;
    }

    /**
     * @param type its OID, unsigned
     * @param notNull whether the column, or its domain, forbids NULL
     * @param dimensions as declared, 0 for what is no array, or an array by way of a domain
     */
    record Column(String name, long type, boolean notNull, int dimensions) {}

    /** The columns of {@link #tables} that reach the log, in table order: of generated ones the stored ones, and these since PostgreSQL 18. */
    static Map<TableName, List<Column>> columns(Connection connection, List<String> schemas) throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull OR t.typnotnull, a.attndims
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_type t ON t.oid = a.atttypid
                 WHERE n.nspname = ANY (?) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
                   AND a.attnum > 0 AND NOT a.attisdropped
                   AND (a.attgenerated = '' OR a.attgenerated = 's' AND current_setting('server_version_num')::int >= 180000)
                 ORDER BY a.attrelid, a.attnum
                """;
        Map<TableName, List<Column>> columns = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", schemas.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.computeIfAbsent(
                                    new TableName(row.getString(1), row.getString(2)), table -> new ArrayList<>())
                            .add(new Column(row.getString(3), row.getLong(4), row.getBoolean(5), row.getInt(6)));
                }
            }
        }
        return columns;
    }

    /**
     * Tables of {@code schemas} that must not be published: they, or one of their partitions, have no replica identity, and PostgreSQL would refuse their UPDATEs and
     * DELETEs from then on.
     */
    static Set<TableName> withoutIdentity(Connection connection, List<String> schemas) throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ANY (?) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                   AND EXISTS (SELECT 1
                                 FROM (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS part (oid)
                                 JOIN pg_class leaf ON leaf.oid = part.oid AND leaf.relkind = 'r'
                                WHERE leaf.relreplident <> 'f'
                                  AND NOT EXISTS (SELECT 1 FROM pg_index i
                                                   WHERE i.indrelid = leaf.oid
                                                     AND (   (leaf.relreplident = 'd' AND i.indisprimary AND i.indimmediate)
                                                          OR (leaf.relreplident = 'i' AND i.indisreplident))))
                """;
        Set<TableName> tables = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", schemas.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.add(new TableName(row.getString(1), row.getString(2)));
                }
            }
        }
        return tables;
    }

    private static List<String> strings(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }
}
