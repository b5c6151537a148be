package dev.rowtide.sqlite;

import dev.rowtide.sqlite.SqliteConnectorConfig.ValueMode;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import dev.rowtide.sqlite.rows.Column.Affinity;
import dev.rowtide.sqlite.rows.TableDefinition;
import io.debezium.config.CommonConnectorConfig.EventConvertingFailureHandlingMode;
import io.debezium.relational.Column;
import io.debezium.relational.ValueConverter;
import io.debezium.relational.ValueConverterProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From what SQLite stores to what records hold.
 *
 * <p>SQLite's columns take values of any class whatever their type says. With {@link ValueMode#STORED} that does not matter. With {@link ValueMode#DECLARED} a column has one Connect type, and a value
 * that cannot be told in it is a misfit: an error, or null with a warning, by {@code event.converting.failure.handling.mode}.
 */
final class SqliteValueConverters implements ValueConverterProvider {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteValueConverters.class);
    private static final long NANOS_BETWEEN_WARNINGS = 10_000_000_000L;

    private final ValueMode mode;
    private final EventConvertingFailureHandlingMode misfits;
    /** Whose columns are asked for next; Debezium does not say. */
    private @Nullable TableDefinition table;

    private TextEncoding encoding = TextEncoding.UTF_8;

    SqliteValueConverters(ValueMode mode, EventConvertingFailureHandlingMode misfits) {
        this.mode = mode;
        this.misfits = misfits;
    }

    void ofTable(TableDefinition definition) {
        table = definition;
    }

    /** How the database whose tables come next stores texts, on which the order of those under BINARY depends. */
    void ofDatabase(TextEncoding textEncoding) {
        encoding = textEncoding;
    }

    /** What a column becomes in {@link ValueMode#DECLARED}. */
    enum Form {
        INT64,
        FLOAT64,
        STRING,
        BYTES;

        /** By affinity; a column without a declared type takes everything, so it becomes a text. */
        static Form of(Affinity affinity, String declaredType) {
            return switch (affinity) {
                case INTEGER -> INT64;
                case REAL -> FLOAT64;
                case TEXT, NUMERIC -> STRING;
                // ANY is what STRICT tables call a column without a type.
                case BLOB -> declaredType.isEmpty() || declaredType.equalsIgnoreCase("ANY") ? STRING : BYTES;
            };
        }
    }

    /** Whether null can occur: in the table, or because a value does not fit. */
    boolean isOptional(dev.rowtide.sqlite.rows.Column column, boolean strict, boolean rowidAlias) {
        if (mode == ValueMode.STORED || !(column.notNull() || rowidAlias)) {
            return true;
        }
        boolean fits = switch (Form.of(column.affinity(), column.declaredType())) {
            case BYTES -> true;
            case INT64, FLOAT64 -> strict || rowidAlias;
            case STRING -> strict && column.affinity() == Affinity.TEXT;
        };
        return !fits && misfits != EventConvertingFailureHandlingMode.FAIL;
    }

    @Override
    public SchemaBuilder schemaBuilder(Column column) {
        if (mode == ValueMode.STORED) {
            return SchemaBuilder.bytes()
                    .name(StoredForm.SCHEMA_NAME)
                    .version(StoredForm.SCHEMA_VERSION)
                    .parameter("declared_type", column.typeName())
                    .parameter("affinity", affinity(column).name().toLowerCase(Locale.ROOT))
                    .parameter("collation", collation(column))
                    .parameter("encoding", encoding.name().replace('_', '-'));
        }
        return switch (form(column)) {
            case INT64 -> SchemaBuilder.int64();
            case FLOAT64 -> SchemaBuilder.float64();
            case STRING -> SchemaBuilder.string();
            case BYTES -> SchemaBuilder.bytes();
        };
    }

    @Override
    public ValueConverter converter(Column column, Field field) {
        if (mode == ValueMode.STORED) {
            return value -> StoredForm.of((StoredValue) value);
        }
        Form form = form(column);
        String name = (table == null ? "" : table.name()) + "." + column.name();
        AtomicLong lastWarning = new AtomicLong(System.nanoTime() - NANOS_BETWEEN_WARNINGS);
        return value -> {
            if (!(value instanceof StoredValue stored) || stored instanceof StoredValue.Null) {
                return null;
            }
            Object converted = convert(stored, form);
            return converted != null ? converted : misfit(stored, name, column.typeName(), form, lastWarning);
        };
    }

    /** The value in that form; null for a misfit. */
    static @Nullable Object convert(StoredValue value, Form form) {
        return switch (form) {
            case INT64 -> value instanceof StoredValue.Int number ? (Object) number.value() : null;
            case FLOAT64 -> toDouble(value);
            case STRING -> toText(value);
            case BYTES -> toBytes(value);
        };
    }

    private static @Nullable Double toDouble(StoredValue value) {
        if (value instanceof StoredValue.Real number) {
            return number.value();
        }
        // A number that was stored before its column became REAL.
        if (value instanceof StoredValue.Int number && (long) (double) number.value() == number.value()) {
            return (double) number.value();
        }
        return null;
    }

    private static @Nullable String toText(StoredValue value) {
        if (value instanceof StoredValue.Text text) {
            return text.encoding().decode(text.bytes());
        }
        if (value instanceof StoredValue.Int number) {
            return NumberText.of(number.value());
        }
        if (value instanceof StoredValue.Real number) {
            return NumberText.of(number.value());
        }
        return null;
    }

    /** As CAST(x AS BLOB): the bytes of a text, or of a number's text. */
    private static byte[] toBytes(StoredValue value) {
        if (value instanceof StoredValue.Blob blob) {
            return blob.bytes();
        }
        if (value instanceof StoredValue.Text text) {
            return text.encoding().toUtf8(text.bytes());
        }
        String text = toText(value);
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private @Nullable Object misfit(
            StoredValue value, String column, String declaredType, Form form, AtomicLong lastWarning) {
        switch (misfits) {
            case FAIL -> {
                String sentence = sentence(value, column, declaredType, form)
                        + ": use value.mode=stored, leave the column out, or set event.converting.failure.handling.mode=warn";
                // Debezium's message takes the cause's words only.
                throw new DataException(sentence, new DataException(sentence));
            }
            case WARN -> {
                long now = System.nanoTime();
                long last = lastWarning.get();
                if (now - last >= NANOS_BETWEEN_WARNINGS && lastWarning.compareAndSet(last, now)) {
                    LOG.warn(
                            "{}: it is null in the record. Said once in ten seconds for a column",
                            sentence(value, column, declaredType, form));
                }
            }
            case SKIP -> {}
        }
        return null;
    }

    /** Names no content: it may be private. */
    private static String sentence(StoredValue value, String column, String declaredType, Form form) {
        return "A value of storage class " + storageClass(value) + " in column " + column + " of declared type '"
                + declaredType + "' does not fit " + form;
    }

    private static String storageClass(StoredValue value) {
        return value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static Form form(Column column) {
        return Form.of(affinity(column), column.typeName());
    }

    private String collation(Column column) {
        List<dev.rowtide.sqlite.rows.Column> columns = table == null ? List.of() : table.columns();
        return columns.stream()
                .filter(defined -> defined.name().equals(column.name()))
                .map(dev.rowtide.sqlite.rows.Column::collation)
                .findFirst()
                .orElse("BINARY");
    }

    /** {@link SqliteSchema} puts it there. */
    private static Affinity affinity(Column column) {
        return Affinity.valueOf(column.typeExpression());
    }
}
