package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.state.TransactionHeader;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.source.spi.StreamingChangeEventSource;
import io.debezium.relational.TableId;
import io.debezium.schema.SchemaChangeEvent;
import io.debezium.util.Clock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the stream's transactions to Debezium, one after the other, and reads a chunk of an ad-hoc snapshot between two of them.
 *
 * <p>Runs on Debezium's coordinator thread, which is the stream's emitting thread. {@link #commitOffset} is called on the polling thread.
 */
final class SqliteStreamingChangeEventSource
        implements StreamingChangeEventSource<SqlitePartition, SqliteOffsetContext> {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteStreamingChangeEventSource.class);
    /** After so long without a transaction, heartbeats, signals and the wish to stop are looked at. */
    private static final Duration IDLE_WAIT = Duration.ofMillis(100);

    private final SqliteConnectorConfig config;
    private final ChangeStream stream;
    private final SqliteSchema schema;
    private final EventDispatcher<SqlitePartition, TableId> dispatcher;
    private final ErrorHandler errorHandler;
    private final Clock clock;
    private final BooleanSupplier stopping;
    private @Nullable SqliteOffsetContext offset;

    /** @param stopping whether nobody takes records any more */
    SqliteStreamingChangeEventSource(
            SqliteConnectorConfig config,
            ChangeStream stream,
            SqliteSchema schema,
            EventDispatcher<SqlitePartition, TableId> dispatcher,
            ErrorHandler errorHandler,
            Clock clock,
            BooleanSupplier stopping) {
        this.config = config;
        this.stream = stream;
        this.schema = schema;
        this.dispatcher = dispatcher;
        this.errorHandler = errorHandler;
        this.clock = clock;
        this.stopping = stopping;
    }

    /** @param previous null if there was neither an offset nor a snapshot */
    @Override
    public void init(@Nullable SqliteOffsetContext previous) {
        offset = previous != null ? previous : SqliteOffsetContext.at(config, stream.stateId(), stream.seq());
    }

    @Override
    public @Nullable SqliteOffsetContext getOffsetContext() {
        return offset;
    }

    @Override
    public void execute(
            ChangeEventSourceContext context, SqlitePartition partition, @Nullable SqliteOffsetContext previous)
            throws InterruptedException {
        SqliteOffsetContext position = offset;
        if (position == null) {
            throw new IllegalStateException("init() comes first");
        }
        Emitter emitter = new Emitter(partition, position);
        try {
            while (context.isRunning()) {
                if (context.isPaused()) {
                    // Between two transactions: the blocking snapshot reads the stream on its own thread until it lets
                    // this one go on.
                    context.streamingPaused();
                    context.waitSnapshotCompletion();
                    continue;
                }
                boolean reading = incremental() != null && incremental().step(partition, position);
                boolean any = stream.next(emitter, reading ? Duration.ZERO : IDLE_WAIT);
                if (!any) {
                    dispatcher.dispatchHeartbeatEventAlsoToIncrementalSnapshot(partition, position);
                }
            }
        } catch (InterruptedException e) {
            // Debezium would log it with its stack, as if it were a fault.
            if (!stopping.getAsBoolean()) {
                throw e;
            }
            LOG.debug("Stopped while waiting for room", e);
        } catch (IOException | RuntimeException e) {
            if (stopping.getAsBoolean()) {
                // Debezium wraps the interruption of a producer that waits for room.
                LOG.debug("Stopped while emitting", e);
            } else {
                errorHandler.setProducerThrowable(e);
            }
        }
    }

    private @Nullable SqliteIncrementalSnapshot incremental() {
        return dispatcher.getIncrementalSnapshotChangeEventSource() instanceof SqliteIncrementalSnapshot snapshot
                ? snapshot
                : null;
    }

    /** Only whole transactions: of one that is half delivered the state keeps everything. */
    @Override
    public void commitOffset(Map<String, ?> partition, Map<String, ?> delivered) {
        stream.acknowledge(SqliteOffsetContext.number(delivered, SqliteOffsetContext.COMMIT_SEQ));
    }

    /** Makes events of one transaction after the other. */
    private final class Emitter implements ChangeStream.TransactionHandler {
        private final SqlitePartition partition;
        private final SqliteOffsetContext position;
        /** Events of the first transaction that were delivered before a restart. */
        private long delivered;

        private long events;
        private @Nullable TableDefinition table;
        private TableId tableId = SqliteConnectorConfig.id("");
        private List<Integer> keyColumns = List.of();

        Emitter(SqlitePartition partition, SqliteOffsetContext position) {
            this.partition = partition;
            this.position = position;
            delivered = position.eventIndex();
        }

        @Override
        public void begin(TransactionHeader header) throws InterruptedException {
            events = 0;
            if (header.seq() - 1 != position.commitSeq()) {
                // Another transaction than the one that was cut short: a power cut has taken that one from the state.
                delivered = 0;
            }
            position.beginTransaction(header);
            dispatcher.dispatchTransactionStartedEvent(
                    partition, position.transactionId(), position, Instant.ofEpochMilli(header.capturedAtMillis()));
        }

        @Override
        public void schema(SchemaChange change) throws InterruptedException {
            schema.apply(change);
            table = null;
            if (delivered == 0) {
                announce(change);
            }
        }

        private void announce(SchemaChange change) throws InterruptedException {
            TableDefinition before = change.before();
            TableDefinition after = change.after();
            TableDefinition subject = after != null ? after : before;
            if (subject == null) {
                return;
            }
            TableId id = SqliteConnectorConfig.id(subject.name());
            position.event(0, subject.name(), OptionalLong.empty());
            dispatcher.dispatchSchemaChangeEvent(partition, position, id, receiver -> {
                SchemaChangeEvent event;
                if (after == null) {
                    event = SchemaChangeEvent.of(
                            SchemaChangeEvent.SchemaChangeEventType.DROP,
                            partition,
                            position,
                            config.databaseName(),
                            null,
                            "DROP TABLE " + quoted(subject.name()),
                            schema.table(subject),
                            false);
                } else if (before == null) {
                    event = SchemaChangeEvent.of(
                            SchemaChangeEvent.SchemaChangeEventType.CREATE,
                            partition,
                            position,
                            config.databaseName(),
                            null,
                            after.sql(),
                            schema.table(after),
                            false);
                } else {
                    event = SchemaChangeEvent.ofRename(
                            partition,
                            position,
                            config.databaseName(),
                            null,
                            after.sql(),
                            schema.table(after),
                            before.name().equals(after.name()) ? null : SqliteConnectorConfig.id(before.name()));
                }
                receiver.schemaChangeEvent(event);
            });
        }

        @Override
        @SuppressWarnings(
                "ReferenceEquality") // the rows of a table share its definition; comparing it for each would cost more
        // than the row
        public void row(RowChange change) throws InterruptedException {
            if (stopping.getAsBoolean()) {
                throw new InterruptedException("the task is being stopped");
            }
            if (change.table() != table) {
                table = change.table();
                tableId = SqliteConnectorConfig.id(table.name());
                keyColumns = schema.keyColumns(tableId);
            }
            int count = SqliteChangeRecordEmitter.events(change, keyColumns);
            long first = events + 1;
            events += count;
            if (events <= delivered) {
                return;
            }
            position.event(first, table.name(), change.rowid());
            dispatcher.dispatchDataChangeEvent(
                    partition,
                    tableId,
                    new SqliteChangeRecordEmitter(
                            partition, position, clock, config, change, count, first, first <= delivered));
        }

        @Override
        public void end(TransactionHeader header) throws InterruptedException {
            delivered = 0;
            schema.endTransaction(stream.schema());
            position.endTransaction(header.seq());
            dispatcher.dispatchTransactionCommittedEvent(
                    partition, position, Instant.ofEpochMilli(header.capturedAtMillis()));
            dispatcher.dispatchHeartbeatEventAlsoToIncrementalSnapshot(partition, position);
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
