package dev.rowtide.cdc;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Position;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The way of a row change through the engine: batch in, events to the sink, and only then, and only at a transaction's end, the offset.
 *
 * <p><b>Offsets.</b> Data, BEGIN and heartbeat records are never marked. A transaction's END is marked once the sink says that everything before it
 * was delivered, in the reduced form of {@link OffsetForm}. Marking each record, as is usual, loses rows when the process dies inside a
 * transaction. After a crash the open transaction comes again from its start, with the same positions.
 *
 * <p><b>Positions.</b> (end of the previous commit, index): the commit comes with each record, the index is counted here from BEGIN over all data
 * records, also those that the configuration leaves out. So positions do not depend on the configuration.
 *
 * <p><b>Last of its transaction.</b> The newest event of an open transaction is held back until the next one or END arrives; both are in the same network
 * burst.
 *
 * <p>One instance serves one run of the engine; all methods are called by its polling thread. While the sink blocks, Debezium's queue fills, then its reader
 * stops, then the server.
 */
final class ChangeBatchConsumer implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {
    /** Ends that wait for delivery; beyond this the newest replaces the one before it, which only delays the offset. */
    private static final int MAX_UNMARKED = 256;

    private final Epoch epoch;
    private final OffsetForm offsetForm;
    private final Beginning beginning;
    private final SourceRecordDecoder decoder;
    private final ChangeSink sink;
    private final EngineMetrics metrics;

    private final ArrayDeque<End> unmarked = new ArrayDeque<>();
    private List<DataChangeEvent> batch = new ArrayList<>();
    private @Nullable DataChangeEvent newest;
    private int index;
    private boolean begun;

    /** What is told before the first record of the run. */
    interface Beginning {
        void tell() throws InterruptedException;
    }

    /** The end of a transaction that was published and not yet marked. */
    private record End(RecordChangeEvent<SourceRecord> event, Position boundary) {}

    ChangeBatchConsumer(
            Epoch epoch,
            OffsetForm offsetForm,
            Beginning beginning,
            SourceRecordDecoder decoder,
            ChangeSink sink,
            EngineMetrics metrics) {
        this.epoch = epoch;
        this.offsetForm = offsetForm;
        this.beginning = beginning;
        this.decoder = decoder;
        this.sink = sink;
        this.metrics = metrics;
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> records,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        if (!begun) {
            beginning.tell();
            begun = true;
        }
        metrics.signOfLife();
        End lastEnd = null;
        int beforeLastEnd = 0;
        for (RecordChangeEvent<SourceRecord> event : records) {
            SourceRecord record = event.record();
            switch (RecordKind.of(record)) {
                case BEGIN -> index = 0;
                case CHANGE -> change(record);
                case END -> {
                    finishTransaction();
                    lastEnd = new End(event, Position.boundary(epoch, previousCommit(record)));
                    beforeLastEnd = batch.size();
                    metrics.transaction();
                }
                case OTHER -> {
                    // A heartbeat between BEGIN and END carries the commit before it: nothing to store.
                }
            }
        }
        if (lastEnd != null) {
            // Split here: a boundary that came after changes beyond it would never be reached under steady load.
            List<DataChangeEvent> afterwards = new ArrayList<>(batch.subList(beforeLastEnd, batch.size()));
            batch.subList(beforeLastEnd, batch.size()).clear();
            publish();
            sink.reached(lastEnd.boundary());
            unmarked(lastEnd);
            batch = afterwards;
        }
        publish();
        mark(committer);
        committer.markBatchFinished();
    }

    private void unmarked(End end) {
        if (unmarked.size() == MAX_UNMARKED) {
            unmarked.removeLast();
        }
        unmarked.add(end);
    }

    private void change(SourceRecord record) {
        index++;
        DataChangeEvent event;
        try {
            event = decoder.decode(record, new Position(epoch, previousCommit(record), index));
        } catch (SQLException e) {
            throw new IllegalStateException("the catalog could not be read: " + e.getMessage(), e);
        } catch (SourceFailure e) {
            throw new IllegalStateException(e); // ends the engine; the supervisor finds it and says its sentence
        }
        if (event != null) {
            if (newest != null) {
                batch.add(newest);
            }
            newest = event;
            metrics.change(event.committedAtMillis());
        }
    }

    private void finishTransaction() {
        if (newest != null) {
            batch.add(newest.asLast());
            newest = null;
        }
    }

    private void publish() throws InterruptedException {
        if (!batch.isEmpty()) {
            sink.publish(batch);
            batch = new ArrayList<>();
        }
    }

    /** Marks the newest END before which everything was delivered. */
    private void mark(DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        Position delivered = sink.delivered();
        End newestDelivered = null;
        while (!unmarked.isEmpty()
                && delivered != null
                && !unmarked.getFirst().boundary().isAfter(delivered)) {
            newestDelivered = unmarked.removeFirst();
        }
        if (newestDelivered != null) {
            DebeziumEngine.Offsets offsets = committer.buildOffsets();
            for (Map.Entry<String, Object> field : offsetForm
                    .at(epoch, newestDelivered.boundary().commit())
                    .toMap()
                    .entrySet()) {
                offsets.set(field.getKey(), field.getValue());
            }
            committer.markProcessed(newestDelivered.event(), offsets);
            metrics.marked(newestDelivered.boundary());
        }
    }

    /** For data: the commit before it. For END: its own. */
    private long previousCommit(SourceRecord record) {
        return offsetForm
                .commit(record.sourceOffset())
                .orElseThrow(() -> new IllegalStateException(
                        "a record without " + offsetForm.commitFields().get(0) + " in its offset "
                                + record.sourceOffset() + ": the engine was started without a stored offset"));
    }

    /** What a record of Debezium is for us. */
    private enum RecordKind {
        BEGIN,
        CHANGE,
        END,
        OTHER;

        static RecordKind of(SourceRecord record) {
            if (!(record.value() instanceof Struct value)) {
                return OTHER;
            }
            Schema schema = value.schema();
            if (schema.field("op") != null) {
                return "m".equals(value.getString("op")) ? OTHER : CHANGE;
            }
            if (schema.field("status") != null && schema.field("event_count") != null) {
                return "END".equals(value.getString("status")) ? END : BEGIN;
            }
            return OTHER;
        }
    }
}
