package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.SqliteConnectorConfig.ValueMode;
import dev.rowtide.sqlite.SqliteValueConverters.Form;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import dev.rowtide.sqlite.rows.Column.Affinity;
import dev.rowtide.sqlite.rows.TableDefinition;
import io.debezium.config.CommonConnectorConfig.EventConvertingFailureHandlingMode;
import io.debezium.relational.Column;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SqliteValueConvertersTest {
    private static final StoredValue INT = new StoredValue.Int(5);
    private static final StoredValue REAL = new StoredValue.Real(1.5);
    private static final StoredValue TEXT =
            new StoredValue.Text("x".getBytes(StandardCharsets.UTF_8), TextEncoding.UTF_8);
    private static final StoredValue BLOB = new StoredValue.Blob(new byte[] {1, 2});

    private static Column column(String declaredType, Affinity affinity) {
        return Column.editor()
                .name("c")
                .type(declaredType, affinity.name())
                .position(1)
                .create();
    }

    private static TableDefinition table(String collation) {
        return new TableDefinition(
                "t",
                2,
                false,
                false,
                List.of(new dev.rowtide.sqlite.rows.Column(
                        "c", "VARCHAR(10)", Affinity.TEXT, collation, false, StoredValue.NULL, false)),
                List.of(0),
                OptionalInt.empty(),
                List.of(),
                List.of(),
                "");
    }

    private static Object convert(
            EventConvertingFailureHandlingMode mode, String type, Affinity affinity, Object value) {
        SqliteValueConverters converters = new SqliteValueConverters(ValueMode.DECLARED, mode);
        converters.ofTable(table("BINARY"));
        return converters.converter(column(type, affinity), null).convert(value);
    }

    private static Object convert(String type, Affinity affinity, Object value) {
        return convert(EventConvertingFailureHandlingMode.FAIL, type, affinity, value);
    }

    @ParameterizedTest
    @CsvSource({
        "INTEGER, INT, INT64",
        "REAL, DOUBLE, FLOAT64",
        "TEXT, VARCHAR(10), STRING",
        "NUMERIC, 'DECIMAL(10,2)', STRING",
        "BLOB, BLOB, BYTES",
        "BLOB, '', STRING",
        "BLOB, ANY, STRING"
    })
    void theAffinityDecidesTheForm(Affinity affinity, String type, Form form) {
        assertThat(Form.of(affinity, type)).isEqualTo(form);
    }

    @Test
    void valuesThatFitKeepTheirMeaning() {
        assertThat(convert("INT", Affinity.INTEGER, INT)).isEqualTo(5L);
        assertThat(convert("REAL", Affinity.REAL, REAL)).isEqualTo(1.5);
        assertThat(convert("REAL", Affinity.REAL, INT)).isEqualTo(5.0);
        assertThat(convert("TEXT", Affinity.TEXT, TEXT)).isEqualTo("x");
        assertThat((byte[]) convert("BLOB", Affinity.BLOB, BLOB)).containsExactly(1, 2);
        assertThat(convert("", Affinity.BLOB, TEXT)).isEqualTo("x");
        assertThat(convert("INT", Affinity.INTEGER, StoredValue.NULL)).isNull();
    }

    @Test
    void whatCanBeToldWithoutLossIsConverted() {
        assertThat(convert("TEXT", Affinity.TEXT, INT)).isEqualTo("5");
        assertThat(convert("NUMERIC", Affinity.NUMERIC, REAL)).isEqualTo("1.5");
        assertThat((byte[]) convert("BLOB", Affinity.BLOB, TEXT)).containsExactly('x');
        assertThat((byte[]) convert("BLOB", Affinity.BLOB, INT)).containsExactly('5');
    }

    @Test
    void aMisfitIsNullOrAnErrorThatNamesTheColumnAndNoContent() {
        assertThat(convert(EventConvertingFailureHandlingMode.WARN, "INT", Affinity.INTEGER, TEXT))
                .isNull();
        assertThat(convert(EventConvertingFailureHandlingMode.SKIP, "TEXT", Affinity.TEXT, BLOB))
                .isNull();
        assertThat(convert(
                        EventConvertingFailureHandlingMode.SKIP,
                        "REAL",
                        Affinity.REAL,
                        new StoredValue.Int((1L << 53) + 1)))
                .isNull();
        assertThatThrownBy(() -> convert("INT", Affinity.INTEGER, REAL))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "A value of storage class real in column t.c of declared type 'INT' does not fit INT64");
    }

    @Test
    void aColumnIsRequiredOnlyWhereNothingCanBecomeNull() {
        dev.rowtide.sqlite.rows.Column notNull = new dev.rowtide.sqlite.rows.Column(
                "c", "INT", Affinity.INTEGER, "BINARY", true, StoredValue.NULL, false);
        dev.rowtide.sqlite.rows.Column blob =
                new dev.rowtide.sqlite.rows.Column("c", "BLOB", Affinity.BLOB, "BINARY", true, StoredValue.NULL, false);
        SqliteValueConverters warn =
                new SqliteValueConverters(ValueMode.DECLARED, EventConvertingFailureHandlingMode.WARN);
        SqliteValueConverters fail =
                new SqliteValueConverters(ValueMode.DECLARED, EventConvertingFailureHandlingMode.FAIL);
        SqliteValueConverters stored =
                new SqliteValueConverters(ValueMode.STORED, EventConvertingFailureHandlingMode.FAIL);
        assertThat(warn.isOptional(notNull, false, false)).isTrue();
        assertThat(warn.isOptional(notNull, true, false)).isFalse();
        assertThat(warn.isOptional(notNull, false, true)).isFalse();
        assertThat(warn.isOptional(blob, false, false)).isFalse();
        assertThat(fail.isOptional(notNull, false, false)).isFalse();
        assertThat(stored.isOptional(notNull, true, true)).isTrue();
    }

    @Test
    void storedValuesNameWhatTheColumnWasDeclaredAs() {
        SqliteValueConverters converters =
                new SqliteValueConverters(ValueMode.STORED, EventConvertingFailureHandlingMode.WARN);
        converters.ofDatabase(TextEncoding.UTF_16LE);
        converters.ofTable(table("NOCASE"));
        Schema schema =
                converters.schemaBuilder(column("VARCHAR(10)", Affinity.TEXT)).build();
        assertThat(schema.type()).isEqualTo(Schema.Type.BYTES);
        assertThat(schema.name()).isEqualTo("dev.rowtide.sqlite.StoredValue");
        assertThat(schema.version()).isEqualTo(1);
        assertThat(schema.parameters())
                .containsEntry("declared_type", "VARCHAR(10)")
                .containsEntry("affinity", "text")
                .containsEntry("collation", "NOCASE")
                .containsEntry("encoding", "UTF-16LE");
    }
}
