package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SourceRecordDecoder;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Our connector's record of a row, with each column as SQLite stores it, to an event.
 *
 * <p>What does not change from row to row (columns, key) is worked out once for each schema object: the connector makes a new one when a table's definition changes.
 */
final class SqliteRecordDecoder implements SourceRecordDecoder {
    /** Schema objects that are remembered; one for each table and DDL statement. At the limit all are forgotten and learned again. */
    private static final int MAX_SHAPES = 10_000;

    private final SqliteSource source;
    private final ResourceCatalog resources;
    private final Map<Schema, SqliteTableShape> shapes = new IdentityHashMap<>();

    SqliteRecordDecoder(SqliteSource source, ResourceCatalog resources) {
        this.source = source;
        this.resources = resources;
    }

    @Override
    public @Nullable DataChangeEvent decode(SourceRecord record, Position position) throws SourceFailure {
        Struct value = (Struct) record.value();
        Struct origin = value.getStruct("source");
        ResourceConfig resource = resource(origin.getString("table"));
        Operation operation = operation(value.getString("op"));
        if (resource == null || !resource.delivers(operation)) {
            return null;
        }
        SqliteTableShape shape = shape(value.schema(), record.keySchema(), resource);
        Struct after = value.getStruct("after");
        Struct before = value.getStruct("before");
        return new DataChangeEvent(
                resource.name(),
                operation,
                shape.id(after == null ? before : after),
                after == null ? null : shape.row(after),
                before == null ? null : shape.row(before),
                operation == Operation.UPDATE && before != null ? shape.changed(before, after) : null,
                position,
                new DataChangeEvent.Transaction(String.valueOf(origin.getInt64("seq")), position.index() - 1, false),
                origin.getInt64("ts_ms"));
    }

    /** A table that was made a moment ago is in the log before anybody looked at the catalog. */
    private @Nullable ResourceConfig resource(String table) throws SourceFailure {
        TableName name = new TableName(SqliteSource.SCHEMA, table);
        ResourceConfig known = resources.ofTable(name);
        if (known != null || !source.allTables()) {
            return known;
        }
        ResourceConfig added = SqliteLog.resourceOf(name, source.numbers());
        resources.add(added);
        return added;
    }

    private SqliteTableShape shape(Schema envelope, @Nullable Schema key, ResourceConfig resource)
            throws SourceFailure {
        SqliteTableShape shape = shapes.get(envelope);
        if (shape == null || shape.resource() != resource) {
            if (shapes.size() >= MAX_SHAPES) {
                shapes.clear();
            }
            shape = SqliteTableShape.of(envelope.field("after").schema(), key, resource);
            shapes.put(envelope, shape);
            if (resources.shape(resource.name()).isEmpty()) {
                resources.describe(Map.of(resource.name(), shape.shape()));
            }
        }
        return shape;
    }

    private static Operation operation(String code) {
        return switch (code) {
            case "c", "r" -> Operation.CREATE;
            case "u" -> Operation.UPDATE;
            case "d" -> Operation.DELETE;
            default -> throw new IllegalStateException("a record with the unknown operation '" + code + "'");
        };
    }
}
