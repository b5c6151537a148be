package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.StoredValue;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;

/** Debezium's tests read integers as INT32; ours are INT64. Also shows what a custom converter is given: the stored value. */
public final class Int32Columns implements CustomConverter<SchemaBuilder, RelationalColumn> {
    public Int32Columns() {}

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        if (column.typeName().toLowerCase(Locale.ROOT).startsWith("int")) {
            registration.register(
                    SchemaBuilder.int32(),
                    value -> value instanceof StoredValue.Int number ? (int) number.value() : null);
        }
    }
}
