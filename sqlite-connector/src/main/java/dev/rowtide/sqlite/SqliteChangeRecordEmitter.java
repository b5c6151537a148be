package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.rows.RowChange;
import io.debezium.data.Envelope;
import io.debezium.data.Envelope.Operation;
import io.debezium.relational.RelationalChangeRecordEmitter;
import io.debezium.relational.TableSchema;
import io.debezium.util.Clock;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.jspecify.annotations.Nullable;

/** One changed row as Debezium's records: one, or two for an update that gives the row another key. */
final class SqliteChangeRecordEmitter extends RelationalChangeRecordEmitter<SqlitePartition> {
    private final SqliteOffsetContext offset;
    private final RowChange change;
    private final int events;
    private final long firstIndex;
    private final boolean firstIsDelivered;

    /**
     * @param events as {@link #events} says
     * @param firstIndex the place of the row's first event in its transaction
     * @param firstIsDelivered whether, of an update with another key, only the second event is wanted, because the delete came before a restart
     */
    SqliteChangeRecordEmitter(
            SqlitePartition partition,
            SqliteOffsetContext offset,
            Clock clock,
            SqliteConnectorConfig config,
            RowChange change,
            int events,
            long firstIndex,
            boolean firstIsDelivered) {
        super(partition, offset, clock, config);
        this.offset = offset;
        this.change = change;
        this.events = events;
        this.firstIndex = firstIndex;
        this.firstIsDelivered = firstIsDelivered;
    }

    /** How many events a change makes. Depends on the change and the table's key only, so that it is the same after a restart. */
    static int events(RowChange change, List<Integer> keyColumns) {
        StoredValue[] before = change.before();
        StoredValue[] after = change.after();
        if (change.kind() != RowChange.Kind.UPDATE || before == null || after == null) {
            return 1;
        }
        for (int column : keyColumns) {
            if (!Objects.equals(before[column], after[column])) {
                return 2;
            }
        }
        return 1;
    }

    @Override
    public Operation getOperation() {
        return switch (change.kind()) {
            case CREATE -> Operation.CREATE;
            case UPDATE -> Operation.UPDATE;
            case DELETE -> Operation.DELETE;
            case READ -> Operation.READ;
        };
    }

    @Override
    protected Object @Nullable [] getOldColumnValues() {
        return change.before();
    }

    @Override
    protected Object @Nullable [] getNewColumnValues() {
        return change.after();
    }

    @Override
    protected void emitUpdateRecord(Receiver<SqlitePartition> receiver, TableSchema schema)
            throws InterruptedException {
        if (events == 2) {
            emitTwo(receiver, schema);
        } else {
            super.emitUpdateRecord(receiver, schema);
        }
    }

    /** An update with another key: each of the two events has a place of its own, so that a restart between them loses none. */
    private void emitTwo(Receiver<SqlitePartition> receiver, TableSchema schema) throws InterruptedException {
        Struct oldKey = schema.keyFromColumnData(change.before());
        Struct newKey = schema.keyFromColumnData(change.after());
        Envelope envelope = schema.getEnvelopeSchema();
        if (!firstIsDelivered) {
            ConnectHeaders headers = new ConnectHeaders();
            headers.add(PK_UPDATE_NEWKEY_FIELD, newKey, schema.keySchema());
            Struct before = schema.valueFromColumnData(change.before());
            Struct delete =
                    envelope.delete(before, offset.getSourceInfo(), getClock().currentTimeAsInstant());
            receiver.changeRecord(getPartition(), schema, Operation.DELETE, oldKey, delete, offset, headers);
        }
        offset.event(firstIndex + 1, change.table().name(), change.rowid());
        ConnectHeaders headers = new ConnectHeaders();
        headers.add(PK_UPDATE_OLDKEY_FIELD, oldKey, schema.keySchema());
        Struct after = schema.valueFromColumnData(change.after());
        Struct create =
                envelope.create(after, offset.getSourceInfo(), getClock().currentTimeAsInstant());
        receiver.changeRecord(getPartition(), schema, Operation.CREATE, newKey, create, offset, headers);
    }
}
