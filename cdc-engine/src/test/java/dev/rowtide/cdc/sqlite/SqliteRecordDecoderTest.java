package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Records in the form that the connector gives them, made by hand. */
class SqliteRecordDecoderTest {
    private static final Schema COLUMN = SchemaBuilder.bytes()
            .name("dev.rowtide.sqlite.StoredValue")
            .parameter("declared_type", "")
            .parameter("affinity", "blob")
            .parameter("collation", "BINARY")
            .parameter("encoding", "UTF-8")
            .optional()
            .build();
    private static final Schema ROW = SchemaBuilder.struct()
            .optional()
            .field("id", COLUMN)
            .field("name", COLUMN)
            .field("secret", COLUMN)
            .build();
    private static final Schema KEY = SchemaBuilder.struct().field("id", COLUMN).build();
    private static final Schema SOURCE = SchemaBuilder.struct()
            .field("table", Schema.STRING_SCHEMA)
            .field("seq", Schema.INT64_SCHEMA)
            .field("ts_ms", Schema.INT64_SCHEMA)
            .build();
    private static final Schema ENVELOPE = SchemaBuilder.struct()
            .field("before", ROW)
            .field("after", ROW)
            .field("source", SOURCE)
            .field("op", Schema.STRING_SCHEMA)
            .build();
    private static final Position POSITION = new Position(Epoch.begin(1_790_000_000_000L, "test"), 41, 2);

    private final ResourceCatalog resources = new ResourceCatalog();

    private SqliteRecordDecoder decoder(ResourceConfig... named) throws SourceFailure {
        SqliteSource source = new SqliteSource(
                SqliteAddress.parse("sqlite:app.db"), SqliteSource.Follow.DEFAULT, Numbers.NUMBER, List.of(named));
        resources.replace(source.resources());
        return new SqliteRecordDecoder(source, resources);
    }

    private static ResourceConfig member(Set<Operation> operations, Set<String> excluded, Numbers numbers) {
        return new ResourceConfig("member", new TableName("main", "users"), operations, excluded, numbers);
    }

    @Test
    void anUpdateHasBothRowsAndWhatDiffersInThem() throws SourceFailure {
        DataChangeEvent event = decoder()
                .decode(
                        record(
                                "u",
                                row(StoredJsonTest.integer(7), text("a")),
                                row(StoredJsonTest.integer(7), text("b")),
                                KEY),
                        POSITION);
        assertThat(event.resource()).isEqualTo("users");
        assertThat(event.operation()).isEqualTo(Operation.UPDATE);
        assertThat(event.id()).isEqualTo(new RecordId("7", "7"));
        assertThat(event.data()).hasToString("{id: 7, name: \"b\", secret: null}");
        assertThat(event.old()).hasToString("{id: 7, name: \"a\", secret: null}");
        assertThat(event.changed()).containsExactly("name");
        assertThat(event.transaction()).isEqualTo(new DataChangeEvent.Transaction("42", 1, false));
        assertThat(event.committedAtMillis()).isEqualTo(1_790_000_000_123L);
        assertThat(event.position()).isEqualTo(POSITION);
    }

    @Test
    void aDeleteHasItsWholeOldRowAndNoData() throws SourceFailure {
        DataChangeEvent event =
                decoder().decode(record("d", row(StoredJsonTest.integer(7), text("a")), null, KEY), POSITION);
        assertThat(event.id()).isEqualTo(new RecordId("7", "7"));
        assertThat(event.data()).isNull();
        assertThat(event.old()).hasToString("{id: 7, name: \"a\", secret: null}");
        assertThat(event.changed()).isNull();
    }

    @Test
    void aTableThatNobodyKnewIsAResourceBeforeItsFirstChange() throws SourceFailure {
        SqliteRecordDecoder decoder = decoder();
        assertThat(resources.exists("users")).isFalse();
        assertThat(decoder.decode(record("c", null, row(StoredJsonTest.integer(1), text("a")), KEY), POSITION))
                .isNotNull();
        assertThat(resources.exists("users")).isTrue();
    }

    @Test
    void excludedColumnsAndOperationsStayAndIntegersAreStringsOnRequest() throws SourceFailure {
        SqliteRecordDecoder decoder = decoder(member(Set.of(Operation.CREATE), Set.of("secret"), Numbers.STRING));
        Struct row = row(StoredJsonTest.integer(1), text("a")).put("secret", text("hidden"));
        DataChangeEvent event = decoder.decode(record("c", null, row, KEY), POSITION);
        assertThat(event.resource()).isEqualTo("member");
        assertThat(event.data()).hasToString("{id: \"1\", name: \"a\"}");
        assertThat(event.id()).isEqualTo(new RecordId("1", "\"1\""));
        assertThat(decoder.decode(record("d", row, null, KEY), POSITION)).isNull();
    }

    @Test
    void anExcludedColumnThatIsNotThereStopsTheFeed() throws SourceFailure {
        SqliteRecordDecoder decoder = decoder(member(Set.of(), Set.of("password"), Numbers.NUMBER));
        assertThatThrownBy(() ->
                        decoder.decode(record("c", null, row(StoredJsonTest.integer(1), text("a")), KEY), POSITION))
                .isInstanceOfSatisfying(
                        SourceFailure.class,
                        failure -> assertThat(failure.passes()).isFalse())
                .hasMessageContaining("column password");
    }

    @Test
    void otherTablesThanTheNamedOnesAreLeftOut() throws SourceFailure {
        SqliteRecordDecoder decoder =
                decoder(new ResourceConfig("post", new TableName("main", "post"), Set.of(), Set.of(), Numbers.NUMBER));
        assertThat(decoder.decode(record("c", null, row(StoredJsonTest.integer(1), text("a")), KEY), POSITION))
                .isNull();
        assertThat(resources.names()).containsExactly("post");
    }

    @Test
    void aCompositeKeyIsInKeyOrderAndARowWithoutAKeyHasNoId() throws SourceFailure {
        Schema key =
                SchemaBuilder.struct().field("name", COLUMN).field("id", COLUMN).build();
        SqliteRecordDecoder decoder = decoder();
        Struct row = row(StoredJsonTest.integer(3), text("a,b%"));
        assertThat(decoder.decode(record("c", null, row, key), POSITION).id())
                .isEqualTo(new RecordId("a%2Cb%25,3", "\"a%2Cb%25,3\""));
        assertThat(decoder().decode(record("c", null, row, null), POSITION).id())
                .isNull();
        assertThat(decoder()
                        .decode(record("c", null, row(null, text("x")), KEY), POSITION)
                        .id())
                .as("NULL is no identity")
                .isNull();
    }

    @Test
    void bytesMayComeInABuffer() throws SourceFailure {
        Struct row = new Struct(ROW)
                .put("id", ByteBuffer.wrap(StoredJsonTest.integer(5)))
                .put("name", ByteBuffer.wrap(text("n")));
        assertThat(decoder().decode(record("c", null, row, KEY), POSITION).data())
                .hasToString("{id: 5, name: \"n\", secret: null}");
    }

    private static byte[] text(String text) {
        return StoredJsonTest.value(3, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Struct row(byte @Nullable [] id, byte[] name) {
        return new Struct(ROW).put("id", id).put("name", name);
    }

    private static SourceRecord record(
            String op, @Nullable Struct before, @Nullable Struct after, @Nullable Schema keySchema) {
        Struct source = new Struct(SOURCE).put("table", "users").put("seq", 42L).put("ts_ms", 1_790_000_000_123L);
        Struct value = new Struct(ENVELOPE)
                .put("before", before)
                .put("after", after)
                .put("source", source)
                .put("op", op);
        return new SourceRecord(Map.of(), Map.of(), "topic", keySchema, null, ENVELOPE, value);
    }
}
