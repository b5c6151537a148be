package dev.rowtide.sqlite;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.connector.AbstractSourceInfo;
import io.debezium.connector.AbstractSourceInfoStructMaker;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** The form of the {@code source} block. */
final class SqliteSourceInfoStructMaker extends AbstractSourceInfoStructMaker<SqliteSourceInfo> {
    private Schema schema = SchemaBuilder.struct().build();

    @Override
    public void init(String connector, String version, CommonConnectorConfig connectorConfig) {
        super.init(connector, version, connectorConfig);
        schema = commonSchemaBuilder()
                .name("dev.rowtide.sqlite.Source")
                .field(SqliteSourceInfo.FILE, Schema.STRING_SCHEMA)
                .field(SqliteSourceInfo.STATE, Schema.STRING_SCHEMA)
                .field(SqliteSourceInfo.SEQ, Schema.INT64_SCHEMA)
                .field(SqliteSourceInfo.WAL_SALT, Schema.OPTIONAL_STRING_SCHEMA)
                .field(SqliteSourceInfo.WAL_FRAME, Schema.OPTIONAL_INT64_SCHEMA)
                .field(SqliteSourceInfo.KIND, Schema.STRING_SCHEMA)
                .field(AbstractSourceInfo.TABLE_NAME_KEY, Schema.STRING_SCHEMA)
                .field(SqliteSourceInfo.ROWID, Schema.OPTIONAL_INT64_SCHEMA)
                .build();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Struct struct(SqliteSourceInfo source) {
        Struct struct = commonStruct(source)
                .put(SqliteSourceInfo.FILE, source.file())
                .put(SqliteSourceInfo.STATE, source.state())
                .put(SqliteSourceInfo.SEQ, source.seq())
                .put(SqliteSourceInfo.WAL_SALT, source.walSalt())
                .put(SqliteSourceInfo.WAL_FRAME, source.walFrame())
                .put(SqliteSourceInfo.KIND, source.kind())
                .put(AbstractSourceInfo.TABLE_NAME_KEY, source.table());
        if (source.rowid().isPresent()) {
            struct.put(SqliteSourceInfo.ROWID, source.rowid().getAsLong());
        }
        return struct;
    }
}
