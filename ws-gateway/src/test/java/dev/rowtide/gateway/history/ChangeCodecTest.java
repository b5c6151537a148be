package dev.rowtide.gateway.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.DataChangeEvent.Transaction;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeCodecTest {
    private static final Epoch EPOCH = new Epoch("mvx3k2p1a7f3c");
    private static final RowShape TYPED = new RowShape(
            List.of("id", "name", "at"), List.of(Typed.EXACT_NUMBER, Typed.TEXT, new ColumnType.Opaque("interval")));
    private static final RowShape DYNAMIC = new RowShape(
            List.of("a", "b"),
            List.of(
                    new ColumnType.Dynamic(Affinity.INTEGER, Collation.BINARY),
                    new ColumnType.Dynamic(Affinity.NONE, Collation.NOCASE)));

    private static final List<DataChangeEvent> EVENTS = List.of(
            event(
                    Operation.UPDATE,
                    new RecordId("1", "1"),
                    new Row(TYPED, new String[] {"9223372036854775808", "\"Zoë \\u0000 😀\"", null}),
                    new Row(TYPED, new String[] {"1", null, null}),
                    List.of("name"),
                    new Position(EPOCH, -1, 1)),
            event(
                    Operation.CREATE,
                    new RecordId("1,2%2C", "\"1,2%2C\""),
                    new Row(DYNAMIC, new String[] {"\"AAE=\"", "null"}, new StorageClass[] {StorageClass.BLOB, null}),
                    null,
                    List.of(),
                    new Position(EPOCH, -1, 2)),
            event(
                    Operation.DELETE,
                    null,
                    null,
                    new Row(TYPED, new String[] {"1", "\"\"", "null"}),
                    null,
                    new Position(EPOCH, -1, 3)),
            event(Operation.TRUNCATE, null, null, null, null, new Position(EPOCH, -1, Integer.MAX_VALUE)));

    private static DataChangeEvent event(
            Operation operation, RecordId id, Row data, Row old, List<String> changed, Position position) {
        return new DataChangeEvent(
                "post",
                operation,
                id,
                data,
                old,
                changed,
                position,
                new Transaction("812", position.index() - 1, position.index() > 2),
                1_790_000_000_000L);
    }

    /** Rows have no equality of their own. */
    private static String text(Row row) {
        if (row == null) {
            return "none";
        }
        StringBuilder text = new StringBuilder(row.shape().toString());
        for (int i = 0; i < row.shape().columns().size(); i++) {
            text.append(row.json(i)).append('(').append(row.storageClass(i)).append(')');
        }
        return text.toString();
    }

    private static String text(DataChangeEvent event) {
        return String.join(
                " ",
                event.resource(),
                event.operation().name(),
                String.valueOf(event.id()),
                text(event.data()),
                text(event.old()),
                String.valueOf(event.changed()),
                event.position().toString(),
                event.transaction().toString(),
                Long.toString(event.committedAtMillis()));
    }

    @Test
    void whatIsPackedComesOutTheSame() throws Exception {
        List<DataChangeEvent> unpacked = ChangeCodec.unpack(ChangeCodec.pack(EVENTS));

        assertThat(unpacked.stream().map(ChangeCodecTest::text))
                .containsExactlyElementsOf(
                        EVENTS.stream().map(ChangeCodecTest::text).toList());
        assertThat(unpacked.get(0).data().shape())
                .isSameAs(unpacked.get(2).old().shape());
    }

    @Test
    void whatIsCutOffIsNoPack() {
        byte[] pack = ChangeCodec.pack(EVENTS);
        for (int length = 0; length < pack.length; length++) {
            byte[] cut = Arrays.copyOf(pack, length);
            assertThatThrownBy(() -> ChangeCodec.unpack(cut))
                    .as("%s bytes", length)
                    .isInstanceOf(IOException.class);
        }
        byte[] longer = Arrays.copyOf(pack, pack.length + 1);
        assertThatThrownBy(() -> ChangeCodec.unpack(longer)).hasMessageContaining("follow the last");
    }
}
