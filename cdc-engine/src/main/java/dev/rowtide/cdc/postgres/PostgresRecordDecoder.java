package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SourceRecordDecoder;
import dev.rowtide.cdc.TableName;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's record of a row, with each column as PostgreSQL's own text, to an event.
 *
 * <p>What does not change from row to row (columns, JSON writers, key) is worked out once for each schema object: Debezium makes a new one whenever the log
 * announces a table anew, which it does after each DDL statement.
 */
final class PostgresRecordDecoder implements SourceRecordDecoder {
    /** Schema objects that are remembered; one for each table and DDL statement. At the limit all are forgotten and learned again. */
    private static final int MAX_SHAPES = 10_000;

    private final ResourceCatalog resources;
    private final ConnectionSource connections;
    private final PostgresTypes types;
    private final ColumnTypes columnTypes = new ColumnTypes();
    private final Map<Schema, TableShape> shapes = new IdentityHashMap<>();

    PostgresRecordDecoder(ResourceCatalog resources, ConnectionSource connections) {
        this.resources = resources;
        this.connections = connections;
        types = new PostgresTypes(connections);
    }

    @Override
    public @Nullable DataChangeEvent decode(SourceRecord record, Position position) throws SQLException, SourceFailure {
        Struct value = (Struct) record.value();
        Struct source = value.getStruct("source");
        ResourceConfig resource =
                resources.ofTable(new TableName(source.getString("schema"), source.getString("table")));
        Operation operation = operation(value.getString("op"));
        if (resource == null || !resource.delivers(operation)) {
            return null;
        }
        DataChangeEvent.Transaction transaction =
                new DataChangeEvent.Transaction(String.valueOf(source.getInt64("txId")), position.index() - 1, false);
        long committedAt = source.getInt64("ts_ms");
        if (operation == Operation.TRUNCATE) {
            return new DataChangeEvent(
                    resource.name(), operation, null, null, null, null, position, transaction, committedAt);
        }
        TableShape shape = shape(value.schema(), resource);
        Struct after = value.getStruct("after");
        Struct before = value.getStruct("before");
        Row data = after == null ? null : shape.row(after);
        Row old = before == null ? null : shape.oldRow(before);
        Row identified = data == null ? old : data;
        return new DataChangeEvent(
                resource.name(),
                operation,
                identified == null ? null : shape.id(identified),
                data,
                old,
                operation == Operation.UPDATE && old != null && data != null ? shape.changed(old, data) : null,
                position,
                transaction,
                committedAt);
    }

    private TableShape shape(Schema envelope, ResourceConfig resource) throws SQLException, SourceFailure {
        TableShape shape = shapes.get(envelope);
        if (shape == null || shape.resource() != resource) {
            if (shapes.size() >= MAX_SHAPES) {
                shapes.clear();
            }
            // A new announcement may come from ALTER TYPE on a composite, too.
            types.refresh();
            try (Connection connection = connections.open()) {
                shape = TableShape.of(
                        envelope.field("after").schema(),
                        resource,
                        PostgresCatalog.identity(connection, resource.table()),
                        types,
                        columnTypes,
                        connection);
            }
            shapes.put(envelope, shape);
        }
        return shape;
    }

    private static Operation operation(String code) {
        return switch (code) {
            case "c", "r" -> Operation.CREATE;
            case "u" -> Operation.UPDATE;
            case "d" -> Operation.DELETE;
            case "t" -> Operation.TRUNCATE;
            default -> throw new IllegalStateException("a record with the unknown operation '" + code + "'");
        };
    }
}
