package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.TableName;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SnapshotRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How rows of one table are read and written, as of a snapshot: the same columns in the same order as the log announces, by the same writers.
 *
 * <p>One thread.
 */
final class ScanShape {
    private final ResourceConfig resource;
    private final boolean partitioned;
    /** What is selected: the columns that are wanted, and those of the key. */
    private final List<Column> columns;

    private final JsonValueWriter[] writers;
    private final RowShape shape;
    /** Which of the selected columns each column of the row is. */
    private final int[] wanted;

    private final int[] key;
    private final StringBuilder scratch = new StringBuilder();

    /** @param type as in SQL, without a length: a cast to {@code character(3)} would cut */
    private record Column(String name, long typeOid, String type) {}

    private ScanShape(
            ResourceConfig resource,
            boolean partitioned,
            List<Column> columns,
            JsonValueWriter[] writers,
            RowShape shape,
            int[] wanted,
            int[] key) {
        this.resource = resource;
        this.partitioned = partitioned;
        this.columns = columns;
        this.writers = writers;
        this.shape = shape;
        this.wanted = wanted;
        this.key = key;
    }

    /**
     * @param connection in the snapshot's transaction, with the table locked
     * @param publication through which the log sends the table: what it leaves out is left out here
     * @param names the columns that are wanted; empty for all
     */
    static ScanShape read(
            Connection connection, ResourceConfig resource, String publication, List<String> names, PostgresTypes types)
            throws SQLException, SourceFailure {
        List<String> published = published(connection, resource.table(), publication);
        List<Column> all = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        boolean partitioned = false;
        String sql = """
                SELECT a.attname, a.atttypid::int8, tn.nspname, t.typname, a.attgenerated, c.relkind = 'p'
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
                 WHERE n.nspname = ? AND c.relname = ? ORDER BY a.attnum""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, resource.table().schema());
            statement.setString(2, resource.table().table());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    partitioned = row.getBoolean(6);
                    boolean sent = published.isEmpty() ? row.getString(5).isEmpty() : published.contains(name);
                    if (resource.excludedColumns().contains(name)) {
                        excluded.add(name);
                    } else if (sent) {
                        all.add(new Column(
                                name,
                                row.getLong(2),
                                TableName.quote(row.getString(3)) + '.' + TableName.quote(row.getString(4))));
                    }
                }
            }
        }
        requireExcluded(resource, excluded);
        List<String> primaryKey =
                PostgresCatalog.identity(connection, resource.table()).primaryKey();
        return of(resource, partitioned, all, names, primaryKey, types);
    }

    private static ScanShape of(
            ResourceConfig resource,
            boolean partitioned,
            List<Column> all,
            List<String> names,
            List<String> primaryKey,
            PostgresTypes types)
            throws SQLException, SourceFailure {
        List<String> present = all.stream().map(Column::name).toList();
        for (String name : names) {
            if (!present.contains(name)) {
                throw SourceFailure.permanent("resource '" + resource.name() + "' has no column '" + name + "': it has "
                        + String.join(", ", present));
            }
        }
        List<String> keyNames = present.containsAll(primaryKey) ? primaryKey : List.of();
        List<Column> columns = all.stream()
                .filter(column -> names.isEmpty() || names.contains(column.name()) || keyNames.contains(column.name()))
                .toList();
        List<String> selected = columns.stream().map(Column::name).toList();
        List<String> shape = selected.stream()
                .filter(name -> names.isEmpty() || names.contains(name))
                .toList();
        JsonValueWriter[] writers = new JsonValueWriter[columns.size()];
        for (int i = 0; i < writers.length; i++) {
            writers[i] = types.writer(columns.get(i).typeOid(), resource.numbers());
        }
        return new ScanShape(
                resource,
                partitioned,
                columns,
                writers,
                new RowShape(shape),
                shape.stream().mapToInt(selected::indexOf).toArray(),
                keyNames.stream().mapToInt(selected::indexOf).toArray());
    }

    /** The columns that the log has; empty before PostgreSQL 15, when all but the generated ones are sent. */
    private static List<String> published(Connection connection, TableName table, String publication)
            throws SQLException {
        if (connection.getMetaData().getDatabaseMajorVersion() < 15) {
            return List.of();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT attnames::text[] FROM pg_catalog.pg_publication_tables WHERE pubname = ? AND schemaname = ? AND tablename = ?")) {
            statement.setString(1, publication);
            statement.setString(2, table.schema());
            statement.setString(3, table.table());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? List.of((String[]) row.getArray(1).getArray()) : List.of();
            }
        }
    }

    /** A column that is to stay here and is not there under its name was probably renamed: what is under the new name must not go out. */
    private static void requireExcluded(ResourceConfig resource, List<String> found) throws SourceFailure {
        for (String column : resource.excludedColumns()) {
            if (!found.contains(column)) {
                throw SourceFailure.permanent("column " + column + " of table " + resource.table()
                        + ", which never leaves this process, is not in the table under that name: if it was renamed, put the new"
                        + " name into exclude-columns of resource '" + resource.name()
                        + "', if it was dropped, take it out, and start again");
            }
        }
    }

    /** What selects the rows. Children of an inheritance are tables of their own in the log; partitions are not. */
    String select(SqlCondition condition) {
        return "SELECT "
                + columns.stream().map(c -> TableName.quote(c.name())).collect(Collectors.joining(", "))
                + " FROM " + (partitioned ? "" : "ONLY ") + resource.table().sql()
                + condition.where();
    }

    /** What finds one record, by its index; empty if there cannot be such a one. Whoever reads checks the identity, which is finer than a type's equality. */
    Optional<SqlCondition> record(String recordId) {
        List<String> parts = key.length == 1 ? List.of(recordId) : RecordId.compositeParts(recordId);
        if (key.length == 0 || parts.size() != key.length) {
            return Optional.empty();
        }
        SqlCondition condition = SqlCondition.NONE;
        for (int i = 0; i < key.length; i++) {
            Column column = columns.get(key[i]);
            condition = condition.and(new SqlCondition(
                    TableName.quote(column.name()) + " = CAST(? AS " + column.type() + ')', List.of(parts.get(i))));
        }
        return Optional.of(condition);
    }

    int columnCount() {
        return columns.size();
    }

    /** @param text of each selected column, as the server has it; null for NULL */
    SnapshotRow row(@Nullable String[] text) {
        String[] json = new String[text.length];
        for (int i = 0; i < text.length; i++) {
            String value = text[i];
            if (value == null) {
                json[i] = "null";
            } else {
                scratch.setLength(0);
                writers[i].write(value, scratch);
                json[i] = scratch.toString();
            }
        }
        RecordId id = TableShape.id(key, column -> json[column]);
        @Nullable String[] values = new String[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            values[i] = json[wanted[i]];
        }
        return new SnapshotRow(id, new Row(shape, values));
    }
}
