package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How rows of one table are written, as of one definition of it. Both rows of a change have all columns, since the connector knows the row before.
 *
 * <p>One thread: the decoder's.
 */
final class SqliteTableShape {
    private final ResourceConfig resource;
    private final RowShape shape;
    private final Field[] fields;
    private final int[] key;

    private SqliteTableShape(ResourceConfig resource, RowShape shape, Field[] fields, int[] key) {
        this.resource = resource;
        this.shape = shape;
        this.fields = fields;
        this.key = key;
    }

    /**
     * @param row the columns
     * @param key the columns of the declared primary key, in its order; null for a table without one
     * @throws SourceFailure if a column that is to stay here is not there under its name
     */
    static SqliteTableShape of(Schema row, @Nullable Schema key, ResourceConfig resource) throws SourceFailure {
        requireExcluded(row, resource);
        List<Field> fields = row.fields().stream()
                .filter(field -> !resource.excludedColumns().contains(field.name()))
                .toList();
        List<String> names = fields.stream().map(Field::name).toList();
        List<String> keyNames =
                key == null ? List.of() : key.fields().stream().map(Field::name).toList();
        // A row whose key is in part excluded has no identity that could be told.
        int[] keyColumns = names.containsAll(keyNames)
                ? keyNames.stream().mapToInt(names::indexOf).toArray()
                : new int[0];
        RowShape shape = new RowShape(names, fields.stream().map(StoredType::of).toList());
        return new SqliteTableShape(resource, shape, fields.toArray(Field[]::new), keyColumns);
    }

    /** It was probably renamed: what is under the new name must not go out. */
    private static void requireExcluded(Schema row, ResourceConfig resource) throws SourceFailure {
        for (String column : resource.excludedColumns()) {
            if (row.field(column) == null) {
                throw SourceFailure.permanent("column " + column + " of table "
                        + resource.table().table() + ", which never leaves this process, is not in the table under that"
                        + " name: if it was renamed, put the new name into exclude-columns of resource '"
                        + resource.name() + "', if it was dropped, take it out, and start again. Changes that were"
                        + " written under another name can only be skipped, by deleting the data directory");
            }
        }
    }

    RowShape shape() {
        return shape;
    }

    ResourceConfig resource() {
        return resource;
    }

    Row row(Struct struct) {
        String[] json = new String[fields.length];
        StorageClass[] classes = null;
        for (int i = 0; i < fields.length; i++) {
            byte[] stored = stored(struct, i);
            json[i] = stored == null ? "null" : StoredJson.of(stored, resource.numbers());
            StorageClass hidden = stored == null ? null : StoredJson.hiddenClass(stored, json[i]);
            if (hidden != null) {
                classes = classes == null ? new StorageClass[fields.length] : classes;
                classes[i] = hidden;
            }
        }
        return new Row(shape, json, classes);
    }

    /** The columns that differ in what is stored. */
    List<String> changed(Struct before, Struct after) {
        List<String> changed = new ArrayList<>();
        for (int i = 0; i < fields.length; i++) {
            if (!Arrays.equals(stored(before, i), stored(after, i))) {
                changed.add(shape.columns().get(i));
            }
        }
        return changed;
    }

    /** The row's identity; null without a primary key, or if a part of it is NULL, which SQLite allows in several rows. */
    @Nullable
    RecordId id(Struct struct) {
        List<String> parts = new ArrayList<>(key.length);
        for (int column : key) {
            byte[] stored = stored(struct, column);
            if (stored == null) {
                return null;
            }
            if (key.length == 1) {
                return new RecordId(StoredJson.plain(stored), StoredJson.of(stored, resource.numbers()));
            }
            parts.add(StoredJson.plain(stored));
        }
        if (parts.isEmpty()) {
            return null;
        }
        String text = RecordId.compositeText(parts);
        return new RecordId(text, JsonText.string(text));
    }

    private byte @Nullable [] stored(Struct struct, int column) {
        Object value = struct.get(fields[column]);
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) value;
    }
}
