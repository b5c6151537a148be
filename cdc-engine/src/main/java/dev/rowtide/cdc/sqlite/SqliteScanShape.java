package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.JsonText;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How rows of one table are read and written, as of a snapshot: the same columns in the same order as the connector's records have. */
final class SqliteScanShape {
    /** What table_xinfo says of a column: an ordinary one, and a generated one that is stored. Virtual ones are not in the file, and so in no change. */
    private static final int ORDINARY = 0;

    private static final int STORED = 3;

    private final ResourceConfig resource;
    private final List<String> selected;
    private final RowShape shape;
    private final int[] wanted;
    private final int[] key;

    private SqliteScanShape(ResourceConfig resource, List<String> selected, RowShape shape, int[] wanted, int[] key) {
        this.resource = resource;
        this.selected = selected;
        this.shape = shape;
        this.wanted = wanted;
        this.key = key;
    }

    /**
     * @param connection in the snapshot's transaction
     * @param names the columns that are wanted; empty for all
     */
    static SqliteScanShape read(Connection connection, ResourceConfig resource, List<String> names)
            throws SQLException, SourceFailure {
        String table = resource.table().table();
        List<String> all = new ArrayList<>();
        Map<Integer, String> primaryKey = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, pk, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    int hidden = row.getInt(3);
                    if (hidden == ORDINARY || hidden == STORED) {
                        all.add(row.getString(1));
                    }
                    if (row.getInt(2) > 0) {
                        primaryKey.put(row.getInt(2), row.getString(1));
                    }
                }
            }
        }
        if (all.isEmpty()) {
            throw SourceFailure.passing("table " + table + " of resource '" + resource.name() + "' is gone");
        }
        for (String column : resource.excludedColumns()) {
            if (!all.remove(column)) {
                throw SourceFailure.permanent("column " + column + " of table " + table
                        + ", which never leaves this process, is not in the table under that name: if it was renamed, put the new"
                        + " name into exclude-columns of resource '" + resource.name()
                        + "', if it was dropped, take it out, and start again");
            }
        }
        for (String name : names) {
            if (!all.contains(name)) {
                throw SourceFailure.permanent("resource '" + resource.name() + "' has no column '" + name + "': it has "
                        + String.join(", ", all));
            }
        }
        List<String> keyNames = all.containsAll(primaryKey.values()) ? List.copyOf(primaryKey.values()) : List.of();
        List<String> selected = all.stream()
                .filter(name -> names.isEmpty() || names.contains(name) || keyNames.contains(name))
                .toList();
        List<String> shape = selected.stream()
                .filter(name -> names.isEmpty() || names.contains(name))
                .toList();
        return new SqliteScanShape(
                resource,
                selected,
                new RowShape(shape),
                shape.stream().mapToInt(selected::indexOf).toArray(),
                keyNames.stream().mapToInt(selected::indexOf).toArray());
    }

    /** What selects the rows. */
    String select(SqlCondition condition) {
        return "SELECT " + selected.stream().map(TableName::quote).collect(Collectors.joining(", ")) + " FROM "
                + resource.table().sql() + condition.where();
    }

    /**
     * What finds one record, by its index; empty if there cannot be such a one. The text of an id does not tell its storage class, so each that it can be is looked for; whoever reads checks the
     * identity.
     */
    Optional<SqlCondition> record(String recordId) {
        List<String> parts = key.length == 1 ? List.of(recordId) : RecordId.compositeParts(recordId);
        if (key.length == 0 || parts.size() != key.length) {
            return Optional.empty();
        }
        SqlCondition condition = SqlCondition.NONE;
        for (int i = 0; i < key.length; i++) {
            condition = condition.and(equal(TableName.quote(selected.get(key[i])), parts.get(i)));
        }
        return Optional.of(condition);
    }

    private static SqlCondition equal(String column, String text) {
        String either = column + " = ? OR " + column + " = CAST(? AS NUMERIC)";
        try {
            byte[] blob = Base64.getDecoder().decode(text);
            return new SqlCondition(either + " OR " + column + " = ?", List.of(text, text, blob));
        } catch (IllegalArgumentException notBase64) {
            return new SqlCondition(either, List.of(text, text));
        }
    }

    int columnCount() {
        return selected.size();
    }

    /** @param values of each selected column, as the driver reads them */
    SnapshotRow row(@Nullable Object[] values) {
        String[] json = new String[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            json[i] = StoredJson.ofRead(values[wanted[i]], resource.numbers());
        }
        return new SnapshotRow(id(values), new Row(shape, json));
    }

    /** Null without a primary key, or if a part of it is NULL, which SQLite allows in several rows. */
    private @Nullable RecordId id(@Nullable Object[] values) {
        List<String> parts = new ArrayList<>(key.length);
        for (int column : key) {
            Object value = values[column];
            if (value == null) {
                return null;
            }
            if (key.length == 1) {
                return new RecordId(StoredJson.plainRead(value), StoredJson.ofRead(value, resource.numbers()));
            }
            parts.add(StoredJson.plainRead(value));
        }
        if (parts.isEmpty()) {
            return null;
        }
        String text = RecordId.compositeText(parts);
        return new RecordId(text, JsonText.string(text));
    }
}
