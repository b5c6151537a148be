package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.rows.TableReader;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.notification.IncrementalSnapshotNotificationService;
import io.debezium.pipeline.notification.IncrementalSnapshotNotificationService.TableScanCompletionStatus;
import io.debezium.pipeline.signal.SignalPayload;
import io.debezium.pipeline.signal.actions.snapshotting.SnapshotConfiguration;
import io.debezium.pipeline.source.snapshot.incremental.DataCollection;
import io.debezium.pipeline.source.snapshot.incremental.IncrementalSnapshotChangeEventSource;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.source.spi.SnapshotProgressListener;
import io.debezium.pipeline.spi.OffsetContext;
import io.debezium.relational.SnapshotChangeRecordEmitter;
import io.debezium.relational.TableId;
import io.debezium.spi.schema.DataCollectionId;
import io.debezium.util.Clock;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ad-hoc snapshots beside the stream, without a signal table. Between two transactions the stream stands still, so a chunk that is read then is exactly the table at that commit: there is no window in
 * which a chunk and a change could contradict each other, and nothing has to be written into the database to mark one.
 *
 * <p>Signals arrive on Debezium's signal thread and are only noted; everything is done in {@link #step}, on the emitting thread.
 */
final class SqliteIncrementalSnapshot implements IncrementalSnapshotChangeEventSource<SqlitePartition, TableId> {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteIncrementalSnapshot.class);

    private final SqliteConnectorConfig config;
    private final ChangeStream stream;
    private final SqliteSchema schema;
    private final EventDispatcher<SqlitePartition, TableId> dispatcher;
    private final Clock clock;
    private final SnapshotProgressListener<SqlitePartition> listener;
    private final DataChangeEventListener<SqlitePartition> dataListener;
    private final IncrementalSnapshotNotificationService<SqlitePartition, SqliteOffsetContext> notifications;
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private long rowsOfTable;

    /** What a signal asked for. */
    private interface Request {
        void perform(SqlitePartition partition, SqliteOffsetContext offset);
    }

    SqliteIncrementalSnapshot(
            SqliteConnectorConfig config,
            ChangeStream stream,
            SqliteSchema schema,
            EventDispatcher<SqlitePartition, TableId> dispatcher,
            Clock clock,
            SnapshotProgressListener<SqlitePartition> listener,
            DataChangeEventListener<SqlitePartition> dataListener,
            IncrementalSnapshotNotificationService<SqlitePartition, SqliteOffsetContext> notifications) {
        this.config = config;
        this.stream = stream;
        this.schema = schema;
        this.dispatcher = dispatcher;
        this.clock = clock;
        this.listener = listener;
        this.dataListener = dataListener;
        this.notifications = notifications;
    }

    @Override
    public void init(SqlitePartition partition, @Nullable OffsetContext offset) {
        if (offset instanceof SqliteOffsetContext position
                && position.incremental().snapshotRunning()) {
            LOG.info(
                    "Going on with the incremental snapshot of {}",
                    position.incremental().getDataCollections());
            listener.snapshotStarted(partition);
        }
    }

    @Override
    public void addDataCollectionNamesToSnapshot(
            SignalPayload<SqlitePartition> signal, SnapshotConfiguration configuration) {
        if (!configuration.getAdditionalConditions().isEmpty()) {
            LOG.warn(
                    "Signal {} is not executed: additional conditions are SQL, and snapshots are read without it. Send it without additional-conditions",
                    signal.id);
            return;
        }
        requests.add((partition, offset) -> add(partition, offset, signal.id, configuration));
    }

    private void add(
            SqlitePartition partition,
            SqliteOffsetContext offset,
            String signalId,
            SnapshotConfiguration configuration) {
        IncrementalSnapshotProgress progress = offset.incremental();
        boolean begins = !progress.snapshotRunning();
        List<DataCollection<TableId>> added = progress.addDataCollectionNamesToSnapshot(
                signalId,
                expand(configuration.getDataCollections()),
                configuration.getAdditionalConditions(),
                configuration.getSurrogateKey());
        if (begins) {
            rowsOfTable = 0;
            listener.snapshotStarted(partition);
            notifications.notifyStarted(progress, partition, offset);
            listener.monitoredDataCollectionsDetermined(
                    partition, added.stream().map(DataCollection::getId).toList());
        }
    }

    /** The captured tables whose names match; a pattern that matches none stands for itself. */
    private List<String> expand(List<String> patterns) {
        List<String> names = new ArrayList<>();
        for (String pattern : patterns) {
            Pattern compiled = Pattern.compile(pattern);
            List<String> matching = schema.tableIds().stream()
                    .map(TableId::identifier)
                    .filter(name -> compiled.matcher(name).matches())
                    .sorted()
                    .toList();
            names.addAll(matching.isEmpty() ? List.of(pattern) : matching);
        }
        return names.stream().distinct().toList();
    }

    @Override
    public void requestStopSnapshot(
            SqlitePartition ignored,
            OffsetContext ignoredOffset,
            Map<String, Object> additionalData,
            @Nullable List<String> tables) {
        requests.add((partition, offset) -> stop(partition, offset, tables == null ? List.of(".*") : tables));
    }

    private void stop(SqlitePartition partition, SqliteOffsetContext offset, List<String> patterns) {
        IncrementalSnapshotProgress progress = offset.incremental();
        if (!progress.snapshotRunning()) {
            LOG.warn("No incremental snapshot is running: nothing to stop");
            return;
        }
        List<String> stopped = new ArrayList<>();
        String current = progress.currentDataCollectionId().getId().identifier();
        boolean stopCurrent = false;
        for (DataCollection<TableId> table : progress.getDataCollections()) {
            String name = table.getId().identifier();
            if (patterns.stream().noneMatch(pattern -> Pattern.matches(pattern, name))) {
                continue;
            }
            stopped.add(name);
            if (name.equals(current)) {
                stopCurrent = true;
            } else {
                progress.removeDataCollectionFromSnapshot(name);
            }
        }
        if (stopCurrent) {
            progress.nextDataCollection();
            rowsOfTable = 0;
        }
        if (!progress.snapshotRunning()) {
            listener.snapshotAborted(partition);
        }
        notifications.notifyAborted(progress, partition, offset, stopped);
        if (!progress.snapshotRunning()) {
            progress.unsetCorrelationId();
        }
    }

    @Override
    public void pauseSnapshot(SqlitePartition ignored, OffsetContext ignoredOffset) {
        requests.add((partition, offset) -> {
            IncrementalSnapshotProgress progress = offset.incremental();
            if (progress.snapshotRunning() && !progress.isSnapshotPaused()) {
                progress.pauseSnapshot();
                listener.snapshotPaused(partition);
                notifications.notifyPaused(progress, partition, offset);
            }
        });
    }

    @Override
    public void resumeSnapshot(SqlitePartition ignored, OffsetContext ignoredOffset) {
        requests.add((partition, offset) -> {
            IncrementalSnapshotProgress progress = offset.incremental();
            if (progress.snapshotRunning() && progress.isSnapshotPaused()) {
                progress.resumeSnapshot();
                listener.snapshotResumed(partition);
                notifications.notifyResumed(progress, partition, offset);
            }
        });
    }

    /**
     * Does what signals asked for, then reads and emits one chunk, if a snapshot is running. Between two transactions only.
     *
     * @return whether there is more to read
     */
    boolean step(SqlitePartition partition, SqliteOffsetContext offset) throws InterruptedException, IOException {
        Request request = requests.poll();
        while (request != null) {
            request.perform(partition, offset);
            request = requests.poll();
        }
        IncrementalSnapshotProgress progress = offset.incremental();
        if (!progress.snapshotRunning() || progress.isSnapshotPaused()) {
            return false;
        }
        TableId id = progress.currentDataCollectionId().getId();
        Optional<TableDefinition> table =
                schema.tableFor(id) == null ? Optional.empty() : stream.schema().table(id.table());
        if (table.isEmpty()) {
            LOG.warn("Table {} is left out of the incremental snapshot: there is no such captured table", id);
            tableDone(partition, offset, TableScanCompletionStatus.UNKNOWN_SCHEMA);
            return progress.snapshotRunning();
        }
        int rows = emitChunk(partition, offset, id, table.get());
        listener.rowsScanned(partition, id, rowsOfTable);
        if (rows < config.getIncrementalSnapshotChunkSize()) {
            listener.dataCollectionSnapshotCompleted(partition, id, rowsOfTable);
            tableDone(
                    partition,
                    offset,
                    rowsOfTable == 0 ? TableScanCompletionStatus.EMPTY : TableScanCompletionStatus.SUCCEEDED);
        } else {
            notifications.notifyInProgress(progress, partition, offset);
        }
        return progress.snapshotRunning();
    }

    private int emitChunk(SqlitePartition partition, SqliteOffsetContext offset, TableId id, TableDefinition table)
            throws InterruptedException, IOException {
        IncrementalSnapshotProgress progress = offset.incremental();
        TableReader reader = stream.table(table);
        Object[] last = progress.chunkEndPosititon();
        if (last != null) {
            Optional<RowChange> after =
                    RowPosition.row(table, last, stream.schema().header().encoding());
            if (after.isPresent()) {
                reader.seekAfter(after.get());
            } else {
                LOG.warn("Table {} has another kind of key now: its incremental snapshot begins anew", table.name());
            }
        }
        Instant now = clock.currentTimeAsInstant();
        progress.startNewChunk();
        offset.incrementalSnapshotEvents();
        int rows = 0;
        try {
            while (rows < config.getIncrementalSnapshotChunkSize()) {
                RowChange row = reader.next();
                if (row == null) {
                    break;
                }
                rows++;
                last = RowPosition.of(row);
                progress.sendEvent(last);
                offset.read(table.name(), row.rowid(), now);
                dispatcher.dispatchSnapshotEvent(
                        partition,
                        id,
                        new SnapshotChangeRecordEmitter<>(partition, offset, row.after(), clock, config),
                        dispatcher.getIncrementalSnapshotChangeEventReceiver(dataListener));
            }
        } finally {
            offset.postSnapshotCompletion();
        }
        progress.nextChunkPosition(last);
        rowsOfTable += rows;
        return rows;
    }

    private void tableDone(SqlitePartition partition, SqliteOffsetContext offset, TableScanCompletionStatus status) {
        IncrementalSnapshotProgress progress = offset.incremental();
        notifications.notifyTableScanCompleted(progress, partition, offset, rowsOfTable, status);
        rowsOfTable = 0;
        progress.nextDataCollection();
        if (!progress.snapshotRunning()) {
            listener.snapshotCompleted(partition);
            notifications.notifyCompleted(progress, partition, offset);
            progress.unsetCorrelationId();
        }
    }

    /** Windows are how chunks are told from changes elsewhere; here the stream stands still instead. */
    @Override
    public void closeWindow(SqlitePartition partition, String id, OffsetContext offset) {}

    @Override
    public void processMessage(SqlitePartition partition, DataCollectionId table, Object key, OffsetContext offset) {}
}
