package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.capture.ChangeStream.Outcome;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.rows.TableReader;
import io.debezium.DebeziumException;
import io.debezium.connector.SnapshotRecord;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.notification.NotificationService;
import io.debezium.pipeline.signal.actions.snapshotting.SnapshotConfiguration;
import io.debezium.pipeline.source.AbstractSnapshotChangeEventSource;
import io.debezium.pipeline.source.SnapshottingTask;
import io.debezium.pipeline.source.spi.SnapshotProgressListener;
import io.debezium.pipeline.spi.SnapshotResult;
import io.debezium.relational.SnapshotChangeRecordEmitter;
import io.debezium.relational.TableId;
import io.debezium.spi.snapshot.Snapshotter;
import io.debezium.util.Clock;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the stream, and reads all rows where that is wanted: from the copy, at the commit that the stream stands behind. No lock is taken and no query sent, however long it takes; the changes after
 * that commit come next.
 *
 * <p>Runs on Debezium's coordinator thread; a blocking snapshot on a thread of its own, while the coordinator's waits.
 */
final class SqliteSnapshotChangeEventSource
        extends AbstractSnapshotChangeEventSource<SqlitePartition, SqliteOffsetContext> {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteSnapshotChangeEventSource.class);
    private static final int ROWS_BETWEEN_REPORTS = 10_000;

    private final SqliteConnectorConfig config;
    private final ChangeStream stream;
    private final SqliteSchema schema;
    private final EventDispatcher<SqlitePartition, TableId> dispatcher;
    private final Snapshotter snapshotter;
    private final Clock clock;
    private final SnapshotProgressListener<SqlitePartition> listener;

    SqliteSnapshotChangeEventSource(
            SqliteConnectorConfig config,
            ChangeStream stream,
            SqliteSchema schema,
            EventDispatcher<SqlitePartition, TableId> dispatcher,
            Snapshotter snapshotter,
            Clock clock,
            SnapshotProgressListener<SqlitePartition> listener,
            NotificationService<SqlitePartition, SqliteOffsetContext> notifications) {
        super(config, listener, notifications);
        this.config = config;
        this.stream = stream;
        this.schema = schema;
        this.dispatcher = dispatcher;
        this.snapshotter = snapshotter;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * The first thing that the coordinator asks for, so the stream is started here: the first copy of a large database takes longer than a task may take to start.
     */
    @Override
    public SnapshottingTask getSnapshottingTask(SqlitePartition partition, @Nullable SqliteOffsetContext previous) {
        boolean inProgress = previous != null && previous.isInitialSnapshotRunning();
        OptionalLong delivered =
                previous == null || inProgress ? OptionalLong.empty() : OptionalLong.of(previous.commitSeq());
        Outcome outcome = start(delivered);
        boolean lost = outcome == Outcome.LOST
                || (delivered.isPresent()
                        && previous != null
                        && !previous.state().equals(stream.stateId()));
        if (lost && !snapshotter.shouldSnapshotOnDataError()) {
            throw new DebeziumException(
                    "Changes were lost: the offset " + previous + " cannot be continued from the state directory "
                            + config.streamOptions().stateDirectory()
                            + ", because the state is gone, or another one, or ahead of the offset. Use snapshot.mode=when_needed to read all rows"
                            + " again, or delete the connector's offset to begin anew.");
        }
        if (previous != null && outcome != Outcome.RESUMED) {
            if (outcome == Outcome.RENUMBERED) {
                LOG.warn(
                        "The offset {} is ahead of the state, after a power cut or with an old state directory: what is different now comes as changes, under new numbers",
                        previous);
            }
            previous.restartAt(stream.stateId(), stream.seq());
        }
        schema.load(stream.schema());

        boolean data = snapshotter.shouldSnapshotData(previous != null && !lost, inProgress);
        if (inProgress && !data) {
            throw new DebeziumException(
                    "The connector stopped while it took a snapshot, and snapshot.mode=" + snapshotter.name()
                            + " takes none. Use initial or when_needed, or delete the connector's offset to begin with the changes that come from now on.");
        }
        return new SnapshottingTask(false, data, config.getDataCollectionsToBeSnapshotted(), Map.of(), false);
    }

    private Outcome start(OptionalLong delivered) {
        try {
            return stream.start(delivered);
        } catch (IOException e) {
            throw new DebeziumException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DebeziumException("interrupted while the database was opened", e);
        }
    }

    @Override
    public SnapshottingTask getBlockingSnapshottingTask(
            SqlitePartition partition, SqliteOffsetContext previous, SnapshotConfiguration configuration) {
        if (!configuration.getAdditionalConditions().isEmpty()) {
            throw new DebeziumException(
                    "Additional conditions are SQL, and snapshots are read without it: send the signal without additional-conditions.");
        }
        return new SnapshottingTask(false, true, configuration.getDataCollections(), Map.of(), true);
    }

    @Override
    protected SnapshotContext<SqlitePartition, SqliteOffsetContext> prepare(
            SqlitePartition partition, boolean onDemand) {
        return new SnapshotContext<>(partition);
    }

    @Override
    protected SnapshotResult<SqliteOffsetContext> doExecute(
            ChangeEventSourceContext context,
            @Nullable SqliteOffsetContext previous,
            SnapshotContext<SqlitePartition, SqliteOffsetContext> snapshot,
            SnapshottingTask task)
            throws InterruptedException, IOException {
        SqliteOffsetContext offset = task.isOnDemand() && previous != null
                ? previous
                : SqliteOffsetContext.at(config, stream.stateId(), stream.seq());
        snapshot.offset = offset;
        List<TableDefinition> tables = tables(task);
        Set<TableId> ids = new LinkedHashSet<>();
        tables.forEach(table -> ids.add(SqliteConnectorConfig.id(table.name())));
        listener.monitoredDataCollectionsDetermined(snapshot.partition, ids);

        offset.preSnapshotStart(task.isOnDemand());
        EventDispatcher.SnapshotReceiver<SqlitePartition> receiver = dispatcher.getSnapshotChangeEventReceiver();
        Reading reading = new Reading(context, snapshot.partition, offset, receiver, ids);
        for (int i = 0; i < tables.size(); i++) {
            reading.read(tables.get(i), i == tables.size() - 1);
        }
        offset.preSnapshotCompletion();
        receiver.completeSnapshot();
        offset.postSnapshotCompletion();
        dispatcher.alwaysDispatchHeartbeatEvent(snapshot.partition, offset);
        return SnapshotResult.completed(offset);
    }

    /** The captured tables that match one of the task's patterns, or all of them if it has none. */
    private List<TableDefinition> tables(SnapshottingTask task) {
        Set<TableId> wanted = determineDataCollectionsToBeSnapshotted(
                        schema.tableIds(), getDataCollectionPattern(task.getDataCollections()))
                .collect(Collectors.toSet());
        return stream.schema().tables().stream()
                .filter(table -> wanted.contains(SqliteConnectorConfig.id(table.name())))
                .toList();
    }

    /** Emits the rows of one table after the other. */
    private final class Reading {
        private final ChangeEventSourceContext context;
        private final SqlitePartition partition;
        private final SqliteOffsetContext offset;
        private final EventDispatcher.SnapshotReceiver<SqlitePartition> receiver;
        private final Set<TableId> all;
        private boolean isFirstRecord = true;

        Reading(
                ChangeEventSourceContext context,
                SqlitePartition partition,
                SqliteOffsetContext offset,
                EventDispatcher.SnapshotReceiver<SqlitePartition> receiver,
                Set<TableId> all) {
            this.context = context;
            this.partition = partition;
            this.offset = offset;
            this.receiver = receiver;
            this.all = all;
        }

        void read(TableDefinition table, boolean isLastTable) throws InterruptedException, IOException {
            TableId id = SqliteConnectorConfig.id(table.name());
            notificationService
                    .initialSnapshotNotificationService()
                    .notifyTableInProgress(partition, offset, id.identifier(), all);
            TableReader reader = stream.table(table);
            Instant now = clock.currentTimeAsInstant();
            long rows = 0;
            RowChange row = reader.next();
            while (row != null) {
                if (!context.isRunning()) {
                    throw new InterruptedException("the task is being stopped");
                }
                RowChange next = reader.next();
                rows++;
                offset.markSnapshotRecord(marker(rows == 1, next == null, isLastTable));
                isFirstRecord = false;
                offset.read(table.name(), row.rowid(), now);
                dispatcher.dispatchSnapshotEvent(
                        partition,
                        id,
                        new SnapshotChangeRecordEmitter<>(partition, offset, row.after(), clock, config),
                        receiver);
                if (rows % ROWS_BETWEEN_REPORTS == 0) {
                    listener.rowsScanned(partition, id, rows);
                }
                row = next;
            }
            listener.rowsScanned(partition, id, rows);
            listener.dataCollectionSnapshotCompleted(partition, id, rows);
            notificationService
                    .initialSnapshotNotificationService()
                    .notifyCompletedTableSuccessfully(partition, offset, id.identifier(), rows, all);
            LOG.info("Read {} rows of table {}", rows, table.name());
        }

        private SnapshotRecord marker(boolean firstOfTable, boolean lastOfTable, boolean isLastTable) {
            if (lastOfTable && isLastTable) {
                return SnapshotRecord.LAST;
            }
            if (isFirstRecord) {
                return SnapshotRecord.FIRST;
            }
            if (lastOfTable) {
                return SnapshotRecord.LAST_IN_DATA_COLLECTION;
            }
            return firstOfTable ? SnapshotRecord.FIRST_IN_DATA_COLLECTION : SnapshotRecord.TRUE;
        }
    }
}
