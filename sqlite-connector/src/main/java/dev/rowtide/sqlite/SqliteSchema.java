package dev.rowtide.sqlite;

import dev.rowtide.sqlite.rows.Column;
import dev.rowtide.sqlite.rows.Schema;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.Key;
import io.debezium.relational.RelationalDatabaseSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableEditor;
import io.debezium.relational.TableId;
import io.debezium.relational.TableSchemaBuilder;
import io.debezium.schema.SchemaFactory;
import io.debezium.spi.topic.TopicNamingStrategy;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables in Debezium's terms, as they are behind the last transaction that was handed out. The state directory knows the tables of every commit, so there is no schema history to keep. Changed by the
 * emitting thread.
 */
final class SqliteSchema extends RelationalDatabaseSchema {
    private final SqliteValueConverters converters;
    private final Key.@Nullable KeyMapper keyMapper;
    /** Names that the open transaction took from a table, and may give to another one. */
    private final Set<String> dropped = new HashSet<>();

    SqliteSchema(
            SqliteConnectorConfig config,
            TopicNamingStrategy<TableId> topics,
            SqliteValueConverters converters,
            @Nullable CustomConverterRegistry customConverters,
            CdcSourceTaskContext<SqliteConnectorConfig> taskContext) {
        super(
                config,
                topics,
                config.getTableFilters().dataCollectionFilter(),
                config.getColumnFilter(),
                new TableSchemaBuilder(
                        converters,
                        config.schemaNameAdjuster(),
                        customConverters,
                        config.getSourceInfoStructMaker().schema(),
                        SchemaFactory.get().transactionBlockSchema(),
                        config.getFieldNamer(),
                        false,
                        config.getEventConvertingFailureHandlingMode()),
                false,
                config.getKeyMapper(),
                taskContext);
        this.converters = converters;
        keyMapper = config.getKeyMapper();
    }

    /** Takes these tables, and no others. */
    void load(Schema schema) {
        clearSchemas();
        tables().clear();
        dropped.clear();
        converters.ofDatabase(schema.header().encoding());
        for (TableDefinition table : schema.tables()) {
            put(table);
        }
    }

    /** Takes a change in; a name that is gone stays until {@link #endTransaction}, because the order of changes does not say whether another table has it by then. */
    void apply(SchemaChange change) {
        TableDefinition before = change.before();
        TableDefinition after = change.after();
        if (before != null && (after == null || !after.name().equals(before.name()))) {
            dropped.add(before.name());
        }
        if (after != null) {
            put(after);
        }
    }

    /** @param now the tables behind the transaction */
    void endTransaction(Schema now) {
        if (dropped.isEmpty()) {
            return;
        }
        now.tables().forEach(table -> dropped.remove(table.name()));
        for (String name : dropped) {
            TableId id = SqliteConnectorConfig.id(name);
            tables().removeTable(id);
            removeSchema(id);
        }
        dropped.clear();
    }

    private void put(TableDefinition definition) {
        if (getTableFilter().isIncluded(SqliteConnectorConfig.id(definition.name()))) {
            converters.ofTable(definition);
            refresh(table(definition));
        }
    }

    /** The indexes of the columns that a record's key is made of; empty for records without keys. */
    List<Integer> keyColumns(TableId id) {
        Table table = tableFor(id);
        if (table == null) {
            return List.of();
        }
        return new Key.Builder(table)
                .customKeyMapper(keyMapper).build().keyColumns().stream()
                        .map(column -> column.position() - 1)
                        .toList();
    }

    Table table(TableDefinition definition) {
        TableEditor editor = Table.editor().tableId(SqliteConnectorConfig.id(definition.name()));
        int position = 1;
        for (Column column : definition.columns()) {
            boolean alias = definition.rowidAlias().equals(OptionalInt.of(position - 1));
            editor.addColumn(io.debezium.relational.Column.editor()
                    .name(column.name())
                    .type(column.declaredType(), column.affinity().name())
                    .jdbcType(jdbcType(column))
                    .optional(converters.isOptional(column, definition.strict(), alias))
                    .generated(column.generated())
                    .position(position)
                    .create());
            position++;
        }
        List<String> key = new ArrayList<>();
        definition
                .primaryKey()
                .forEach(index -> key.add(definition.columns().get(index).name()));
        return editor.setPrimaryKeyNames(key).create();
    }

    /** For Debezium's masks, and for filters by type; values are converted by affinity. */
    private static int jdbcType(Column column) {
        return switch (SqliteValueConverters.Form.of(column.affinity(), column.declaredType())) {
            case INT64 -> Types.BIGINT;
            case FLOAT64 -> Types.DOUBLE;
            case STRING -> Types.VARCHAR;
            case BYTES -> Types.VARBINARY;
        };
    }
}
