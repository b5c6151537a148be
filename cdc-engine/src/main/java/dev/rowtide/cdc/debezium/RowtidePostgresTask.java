package dev.rowtide.cdc.debezium;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.DataChangeEvent;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's PostgreSQL task with text columns, the push queue and muted metrics.
 *
 * <p>Every failure ends the engine: Debezium would restart this task by itself, for ever and without telling anybody, also after a changed
 * password. {@code ChangeEngine} restarts the engine instead, with jitter, and says why.
 *
 * <p>Threads: {@code start} and {@code doPoll} run on the engine's polling thread.
 */
public final class RowtidePostgresTask extends PostgresConnectorTask {
    private static final Duration IDLE_WAIT = Duration.ofMillis(100);

    private @Nullable PushQueue queue;
    private @Nullable ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> started;
    private int maxBatch;
    private boolean muted;

    @Override
    public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(Configuration config) {
        try {
            ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> coordinator = super.start(config);
            queue = PushQueue.of(config.getString("name"));
            maxBatch = new PostgresConnectorConfig(config).getMaxBatchSize();
            muted = false;
            started = coordinator;
            return coordinator;
        } catch (RetriableException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
            throws SQLException {
        return ReplicationConnection.builder(config)
                .withSlot(config.slotName())
                .withPublication(config.getConfig().getString(PostgresConnectorConfig.PUBLICATION_NAME))
                .withTableFilter(config.getTableFilters())
                .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                .withPlugin(PostgresConnectorConfig.LogicalDecoder.PGOUTPUT)
                .dropSlotOnClose(false)
                .createFailOverSlot(false)
                .streamParams("")
                .statusUpdateInterval(Duration.ofMillis(
                        config.getConfig().getLong(PostgresConnectorConfig.STATUS_UPDATE_INTERVAL_MS)))
                .withTypeRegistry(new OidTypeRegistry(jdbcConnection))
                .withSchema(schema)
                .jdbcMetadataConnection(jdbcConnection)
                .build();
    }

    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        List<DataChangeEvent> events = queue().drain(maxBatch, IDLE_WAIT);
        if (events.isEmpty()) {
            if (getErrorHandler()
                    .map(handler -> handler.getProducerThrowable() != null)
                    .orElse(false)) {
                return pollForFailure();
            }
            return List.of();
        }
        if (!muted) {
            // The coordinator sets its listener when streaming begins, so the first record is the first safe moment.
            MutedMetrics.mute(started());
            muted = true;
        }
        List<SourceRecord> records = new ArrayList<>(events.size());
        for (DataChangeEvent event : events) {
            records.add(event.getRecord());
        }
        return records;
    }

    /** What was read before the failure has been drained; now Debezium's own queue throws what it was told. */
    private List<SourceRecord> pollForFailure() throws InterruptedException {
        try {
            return super.doPoll();
        } catch (RetriableException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private PushQueue queue() {
        if (queue == null) {
            throw new IllegalStateException("polled before it was started");
        }
        return queue;
    }

    private ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> started() {
        if (started == null) {
            throw new IllegalStateException("polled before it was started");
        }
        return started;
    }
}
