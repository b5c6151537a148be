package dev.rowtide.cdc.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.debezium.ColumnOid;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How rows of one table are written, as of one announcement in the log.
 *
 * <p>One thread: the decoder's.
 */
final class TableShape {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ResourceConfig resource;
    private final RowShape shape;
    private final Field[] fields;
    private final JsonValueWriter[] writers;
    private final int[] key;
    private final boolean[] inOldRow;
    private final boolean fullOldRow;
    private final StringBuilder scratch = new StringBuilder();

    private TableShape(
            ResourceConfig resource,
            RowShape shape,
            Field[] fields,
            JsonValueWriter[] writers,
            int[] key,
            boolean[] inOldRow,
            boolean fullOldRow) {
        this.resource = resource;
        this.shape = shape;
        this.fields = fields;
        this.writers = writers;
        this.key = key;
        this.inOldRow = inOldRow;
        this.fullOldRow = fullOldRow;
    }

    static TableShape of(
            Schema row,
            ResourceConfig resource,
            PostgresCatalog.RowIdentity identity,
            PostgresTypes types,
            ColumnTypes columnTypes,
            Connection connection)
            throws SQLException, SourceFailure {
        List<String> names = new ArrayList<>();
        List<ColumnType> compared = new ArrayList<>();
        List<Field> fields = new ArrayList<>();
        List<JsonValueWriter> writers = new ArrayList<>();
        for (Field field : row.fields()) {
            if (!resource.excludedColumns().contains(field.name())) {
                names.add(field.name());
                compared.add(columnTypes.of(connection, ColumnOid.of(field)));
                fields.add(field);
                writers.add(types.writer(ColumnOid.of(field), resource.numbers()));
            }
        }
        requireExcluded(row, resource);
        boolean[] inOldRow = new boolean[names.size()];
        for (int i = 0; i < inOldRow.length; i++) {
            inOldRow[i] = identity.full() || identity.identity().contains(names.get(i));
        }
        // A key column that the announcement does not know was renamed or added since: such rows have no id that would
        // be right.
        boolean keyKnown = names.containsAll(identity.primaryKey());
        int[] key = keyKnown
                ? identity.primaryKey().stream().mapToInt(names::indexOf).toArray()
                : new int[0];
        return new TableShape(
                resource,
                new RowShape(names, compared),
                fields.toArray(Field[]::new),
                writers.toArray(JsonValueWriter[]::new),
                key,
                inOldRow,
                identity.full());
    }

    /** A column that is to stay here and is not there under its name was probably renamed: what is under the new name must not go out. */
    private static void requireExcluded(Schema row, ResourceConfig resource) throws SourceFailure {
        for (String column : resource.excludedColumns()) {
            if (row.field(column) == null) {
                throw SourceFailure.permanent(
                        "column " + column + " of table " + resource.table() + ", which never leaves this process,"
                                + " is not in the log under that name: if it was renamed, put the new name into exclude-columns of"
                                + " resource '" + resource.name()
                                + "', if it was dropped, take it out, and start again. Changes that were"
                                + " written under another name can only be skipped, with `rowtide drop-slot`");
            }
        }
    }

    ResourceConfig resource() {
        return resource;
    }

    /** A whole row; unchanged TOASTed values are absent. */
    Row row(Struct struct) {
        @Nullable String[] json = new String[fields.length];
        for (int i = 0; i < fields.length; i++) {
            json[i] = json(struct, i);
        }
        return new Row(shape, json);
    }

    /**
     * An old row: of it only what the log holds, null if that is nothing. What the log does not hold arrives as NULL, so it depends on the replica identity, and
     * that is known only as of now: if everything but the identity is NULL, it is not believed to be.
     */
    @Nullable
    Row oldRow(Struct struct) {
        @Nullable String[] json = new String[fields.length];
        boolean any = false;
        boolean onlyKey = fullOldRow;
        for (int i = 0; i < fields.length; i++) {
            if (inOldRow[i]) {
                json[i] = json(struct, i);
                any = true;
                onlyKey &= isKey(i) || struct.get(fields[i]) == null;
            }
        }
        if (onlyKey && key.length > 0) {
            for (int i = 0; i < fields.length; i++) {
                json[i] = isKey(i) ? json[i] : null;
            }
        }
        return any ? new Row(shape, json) : null;
    }

    /** The columns that differ; null when the old row is not wholly known. */
    @Nullable
    List<String> changed(Row old, Row data) {
        List<String> changed = new ArrayList<>();
        for (int i = 0; i < fields.length; i++) {
            String before = old.json(i);
            String after = data.json(i);
            if (before == null && after != null) {
                return null;
            }
            if (after != null && !Objects.equals(before, after)) {
                changed.add(shape.columns().get(i));
            }
        }
        return changed;
    }

    /** The row's identity; null without a primary key, or when the row does not hold it. */
    @Nullable
    RecordId id(Row row) {
        return id(key, row::json);
    }

    /**
     * The identity of a row; null without a key, or when the row does not hold it.
     *
     * @param key the columns of the primary key, in its order
     * @param json the JSON text of a column, null if the row does not hold it
     */
    static @Nullable RecordId id(int[] key, IntFunction<@Nullable String> json) {
        if (key.length == 0) {
            return null;
        }
        List<String> parts = new ArrayList<>(key.length);
        for (int column : key) {
            String part = json.apply(column);
            if (part == null) {
                return null;
            }
            if (key.length == 1) {
                return new RecordId(text(part), part);
            }
            parts.add(text(part));
        }
        String text = RecordId.compositeText(parts);
        return new RecordId(text, JsonText.string(text));
    }

    private boolean isKey(int column) {
        for (int keyColumn : key) {
            if (keyColumn == column) {
                return true;
            }
        }
        return false;
    }

    private @Nullable String json(Struct struct, int column) {
        Object value = struct.get(fields[column]);
        if (value == null) {
            return "null";
        }
        String text = (String) value;
        if (text.equals(PostgresSource.UNCHANGED)) {
            return null;
        }
        scratch.setLength(0);
        writers[column].write(text, scratch);
        return scratch.toString();
    }

    /** What a client puts into a channel's name for a value that it has as JSON: a string's content, anything else as it stands. */
    private static String text(String json) {
        if (json.charAt(0) != '"') {
            return json;
        }
        if (json.indexOf('\\') < 0) {
            return json.substring(1, json.length() - 1);
        }
        try {
            return JSON.readValue(json, String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a key was written as " + json + ", which is not JSON", e);
        }
    }
}
