package dev.rowtide.sqlite;

import dev.rowtide.sqlite.state.TransactionHeader;
import io.debezium.connector.AbstractSourceInfo;
import io.debezium.connector.SnapshotType;
import io.debezium.pipeline.CommonOffsetContext;
import io.debezium.pipeline.source.snapshot.incremental.IncrementalSnapshotContext;
import io.debezium.pipeline.spi.OffsetContext;
import io.debezium.pipeline.txmetadata.TransactionContext;
import io.debezium.relational.TableId;
import io.debezium.spi.schema.DataCollectionId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Where a record stands: {@code commit_seq}, the last transaction that was delivered whole, and {@code event_index}, how many events were delivered of the one after
 * it. Used by the emitting thread; what {@link #getOffset} returns belongs to its record.
 */
final class SqliteOffsetContext extends CommonOffsetContext<SqliteSourceInfo> {
    static final String COMMIT_SEQ = "commit_seq";
    static final String EVENT_INDEX = "event_index";
    static final String STATE = "state";

    private final TransactionContext transactionContext;
    private final IncrementalSnapshotProgress incremental;
    private String state;
    private long commitSeq;
    private long eventIndex;
    /** Of the open transaction; the last one's between transactions. */
    private String transactionId = "";

    private SqliteOffsetContext(
            SqliteConnectorConfig config,
            String state,
            long commitSeq,
            long eventIndex,
            @Nullable SnapshotType snapshot,
            boolean snapshotCompleted,
            TransactionContext transactionContext,
            IncrementalSnapshotProgress incremental) {
        super(new SqliteSourceInfo(config, state), snapshotCompleted);
        this.state = state;
        this.commitSeq = commitSeq;
        this.eventIndex = eventIndex;
        this.transactionContext = transactionContext;
        this.incremental = incremental;
        if (snapshot == SnapshotType.INITIAL && !snapshotCompleted) {
            setSnapshot(snapshot);
        } else {
            // A blocking snapshot that was cut short is not taken up again, and an incremental one keeps its own
            // progress.
            postSnapshotCompletion();
        }
        sourceInfo.place(state, commitSeq);
    }

    /** Behind a commit, with nothing delivered. */
    static SqliteOffsetContext at(SqliteConnectorConfig config, String state, long commitSeq) {
        return new SqliteOffsetContext(
                config, state, commitSeq, 0, null, false, new TransactionContext(), new IncrementalSnapshotProgress());
    }

    static OffsetContext.Loader<SqliteOffsetContext> loader(SqliteConnectorConfig config) {
        return new OffsetContext.Loader<>() {
            /** Null for the empty offset that Debezium stores with a notification when there is none yet. */
            @Override
            public @Nullable SqliteOffsetContext load(Map<String, ?> offset) {
                if (offset.isEmpty()) {
                    return null;
                }
                return new SqliteOffsetContext(
                        config,
                        String.valueOf(offset.get(STATE)),
                        number(offset, COMMIT_SEQ),
                        number(offset, EVENT_INDEX),
                        loadSnapshot(offset).orElse(null),
                        loadSnapshotCompleted(offset),
                        TransactionContext.load(offset),
                        IncrementalSnapshotProgress.load(offset));
            }
        };
    }

    /** The number of an offset that {@link #getOffset} made and some store gave back. */
    static long number(Map<String, ?> offset, String key) {
        if (offset.get(key) instanceof Number number) {
            return number.longValue();
        }
        throw new ConnectException("the stored offset " + offset + " has no number " + key
                + ": it is not one of this connector's; delete it, or give the connector another name");
    }

    /** Goes back to a boundary: what was known of a transaction in progress is void. */
    void restartAt(String stateId, long seq) {
        state = stateId;
        commitSeq = seq;
        eventIndex = 0;
        transactionContext.endTransaction();
        sourceInfo.place(state, commitSeq);
    }

    /** From here to its end the last whole transaction is the number before its own, whether there is a commit of that number or not. */
    void beginTransaction(TransactionHeader header) {
        commitSeq = header.seq() - 1;
        eventIndex = 0;
        transactionId = Long.toString(header.seq());
        sourceInfo.transaction(header);
    }

    /** The next record is event {@code index} of the open transaction, from 1. */
    void event(long index, String table, OptionalLong rowid) {
        eventIndex = index;
        sourceInfo.place(commitSeq, index);
        sourceInfo.row(table, rowid);
    }

    /** The transaction was delivered whole. */
    void endTransaction(long seq) {
        commitSeq = seq;
        eventIndex = 0;
        sourceInfo.place(state, seq);
    }

    /** The next record is a row as it stands behind the last commit. */
    void read(String table, OptionalLong rowid, Instant now) {
        sourceInfo.read(now);
        sourceInfo.row(table, rowid);
    }

    long commitSeq() {
        return commitSeq;
    }

    long eventIndex() {
        return eventIndex;
    }

    String state() {
        return state;
    }

    String transactionId() {
        return transactionId;
    }

    IncrementalSnapshotProgress incremental() {
        return incremental;
    }

    /** Asked for every record. The map must be modifiable: Debezium replaces its content in the last record of a snapshot. */
    @Override
    public Map<String, ?> getOffset() {
        Map<String, Object> offset = new HashMap<>();
        offset.put(COMMIT_SEQ, commitSeq);
        offset.put(EVENT_INDEX, eventIndex);
        offset.put(STATE, state);
        if (getSnapshot().isPresent()) {
            offset.put(AbstractSourceInfo.SNAPSHOT_KEY, getSnapshot().get().toString());
            offset.put(SNAPSHOT_COMPLETED_KEY, snapshotCompleted);
        }
        return incremental.store(transactionContext.store(offset));
    }

    @Override
    public Schema getSourceInfoSchema() {
        return sourceInfo.schema();
    }

    @Override
    public void event(DataCollectionId table, Instant now) {
        sourceInfo.at(now);
        sourceInfo.row(((TableId) table).table(), OptionalLong.empty());
    }

    @Override
    public TransactionContext getTransactionContext() {
        return transactionContext;
    }

    @Override
    public IncrementalSnapshotContext<?> getIncrementalSnapshotContext() {
        return incremental;
    }

    @Override
    public String toString() {
        return "offset[" + state + " " + commitSeq + "+" + eventIndex + "]";
    }
}
