package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** What is published, told and marked, and in which order, for records in the forms that Debezium gives them. */
class ChangeBatchConsumerTest {
    private static final Schema CHANGE =
            SchemaBuilder.struct().field("op", Schema.STRING_SCHEMA).build();
    private static final Schema TRANSACTION = SchemaBuilder.struct()
            .field("status", Schema.STRING_SCHEMA)
            .field("event_count", Schema.OPTIONAL_INT64_SCHEMA)
            .build();
    private static final Epoch EPOCH = Epoch.begin(1_790_000_000_000L, "test");

    private final List<String> told = new ArrayList<>();
    private final List<Map<String, Object>> marked = new ArrayList<>();
    private Position delivered = Position.boundary(EPOCH, 0);

    private final ChangeBatchConsumer consumer = new ChangeBatchConsumer(
            EPOCH,
            PostgresSource.OFFSETS,
            () -> {},
            (record, position) -> record.topic().equals("left out")
                    ? null
                    : new DataChangeEvent(
                            record.topic(),
                            Operation.CREATE,
                            null,
                            null,
                            null,
                            null,
                            position,
                            new DataChangeEvent.Transaction("7", position.index() - 1, false),
                            0),
            new Sink(),
            new EngineMetrics(() -> 1));

    @Test
    void aBoundaryIsToldBetweenTheChangesBeforeAndAfterIt() throws InterruptedException {
        handle(begin(10), change("a", 10), change("b", 10), end(20), begin(20), change("c", 20), change("d", 20));
        assertThat(told).containsExactly("publish a@a-1 b@a-2last", "reached 14-0", "publish c@14-1");
        told.clear();
        handle(end(30));
        assertThat(told).containsExactly("publish d@14-2last", "reached 1e-0");
    }

    @Test
    void onlyAnEndIsMarkedAndOnlyWhenDelivered() throws InterruptedException {
        handle(begin(10), change("a", 10), end(20), heartbeat());
        assertThat(marked).isEmpty();
        delivered = Position.boundary(EPOCH, 20);
        handle(begin(20), change("b", 20));
        assertThat(marked).containsExactly(Map.of("lsn", 20L, "lsn_commit", 20L, "rowtide_epoch", EPOCH.text()));
    }

    @Test
    void theNewestDeliveredEndIsMarkedForAllBeforeIt() throws InterruptedException {
        for (long commit = 10; commit < 60; commit += 10) {
            handle(begin(commit), change("x", commit), end(commit + 10));
        }
        delivered = Position.boundary(EPOCH, 40);
        handle(heartbeat());
        assertThat(marked).map(offsets -> offsets.get("lsn_commit")).containsExactly(40L);
    }

    @Test
    void changesThatTheConfigurationLeavesOutCountInPositions() throws InterruptedException {
        handle(begin(10), change("left out", 10), change("a", 10), change("left out", 10), end(20));
        assertThat(told).containsExactly("publish a@a-2last", "reached 14-0");
    }

    @Test
    void withoutAStoredOffsetThereIsNoPositionAndSoNoEvent() {
        assertThatThrownBy(() -> handle(record("a", change(), Map.of()))).hasMessageContaining("lsn_commit");
    }

    private void handle(SourceRecord... records) throws InterruptedException {
        consumer.handleBatch(
                Stream.of(records)
                        .<RecordChangeEvent<SourceRecord>>map(r -> () -> r)
                        .toList(),
                new Committer());
    }

    private static SourceRecord begin(long previousCommit) {
        return transaction("BEGIN", previousCommit);
    }

    private static SourceRecord end(long commit) {
        return transaction("END", commit);
    }

    private static SourceRecord transaction(String status, long commit) {
        return record("transaction", new Struct(TRANSACTION).put("status", status), Map.of("lsn_commit", commit));
    }

    private static SourceRecord change(String name, long previousCommit) {
        return record(name, change(), Map.of("lsn_commit", previousCommit, "lsn", 99L, "lsn_proc", 99L));
    }

    private static Struct change() {
        return new Struct(CHANGE).put("op", "c");
    }

    private static SourceRecord heartbeat() {
        Schema schema =
                SchemaBuilder.struct().field("ts_ms", Schema.INT64_SCHEMA).build();
        return record("heartbeat", new Struct(schema).put("ts_ms", 1L), Map.of("lsn_commit", 5L));
    }

    private static SourceRecord record(String topic, Struct value, Map<String, ?> offset) {
        return new SourceRecord(Map.of(), offset, topic, value.schema(), value);
    }

    private final class Sink implements ChangeSink {
        @Override
        public void publish(List<DataChangeEvent> batch) {
            StringBuilder text = new StringBuilder("publish");
            for (DataChangeEvent event : batch) {
                text.append(' ').append(event.resource()).append('@').append(place(event.position()));
                text.append(event.transaction().last() ? "last" : "");
            }
            told.add(text.toString());
        }

        @Override
        public void reached(Position boundary) {
            told.add("reached " + place(boundary));
        }

        @Override
        public Position delivered() {
            return delivered;
        }

        @Override
        public void sourceLost(GapReason reason, Position first) {
            told.add("lost");
        }

        private String place(Position position) {
            return position.toString().substring(EPOCH.text().length() + 1);
        }
    }

    private final class Committer implements DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> {
        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> record) {
            throw new AssertionError("marked with Debezium's own offset, which loses rows");
        }

        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> record, DebeziumEngine.Offsets offsets) {
            assertThat(((Struct) record.record().value()).getString("status")).isEqualTo("END");
            marked.add(((Offsets) offsets).fields);
        }

        @Override
        public void markBatchFinished() {}

        @Override
        public DebeziumEngine.Offsets buildOffsets() {
            return new Offsets();
        }
    }

    private static final class Offsets implements DebeziumEngine.Offsets {
        private final Map<String, Object> fields = new HashMap<>();

        @Override
        public void set(String key, Object value) {
            fields.put(key, value);
        }
    }
}
