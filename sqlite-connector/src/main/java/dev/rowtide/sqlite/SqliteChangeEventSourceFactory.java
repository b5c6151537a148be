package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.notification.NotificationService;
import io.debezium.pipeline.source.snapshot.incremental.IncrementalSnapshotChangeEventSource;
import io.debezium.pipeline.source.spi.ChangeEventSourceFactory;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.source.spi.SnapshotChangeEventSource;
import io.debezium.pipeline.source.spi.SnapshotProgressListener;
import io.debezium.pipeline.source.spi.StreamingChangeEventSource;
import io.debezium.relational.TableId;
import io.debezium.spi.schema.DataCollectionId;
import io.debezium.spi.snapshot.Snapshotter;
import io.debezium.util.Clock;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The three readers of one stream: initial and blocking snapshots, changes, incremental snapshots. */
record SqliteChangeEventSourceFactory(
        SqliteConnectorConfig config,
        ChangeStream stream,
        SqliteSchema schema,
        EventDispatcher<SqlitePartition, TableId> dispatcher,
        ErrorHandler errorHandler,
        Snapshotter snapshotter,
        Clock clock,
        BooleanSupplier stopping)
        implements ChangeEventSourceFactory<SqlitePartition, SqliteOffsetContext> {

    @Override
    public SnapshotChangeEventSource<SqlitePartition, SqliteOffsetContext> getSnapshotChangeEventSource(
            SnapshotProgressListener<SqlitePartition> listener,
            NotificationService<SqlitePartition, SqliteOffsetContext> notifications) {
        return new SqliteSnapshotChangeEventSource(
                config, stream, schema, dispatcher, snapshotter, clock, listener, notifications);
    }

    @Override
    public StreamingChangeEventSource<SqlitePartition, SqliteOffsetContext> getStreamingChangeEventSource() {
        return new SqliteStreamingChangeEventSource(config, stream, schema, dispatcher, errorHandler, clock, stopping);
    }

    @Override
    public Optional<IncrementalSnapshotChangeEventSource<SqlitePartition, ? extends DataCollectionId>>
            getIncrementalSnapshotChangeEventSource(
                    @Nullable SqliteOffsetContext offset,
                    SnapshotProgressListener<SqlitePartition> listener,
                    DataChangeEventListener<SqlitePartition> dataListener,
                    NotificationService<SqlitePartition, SqliteOffsetContext> notifications) {
        return Optional.of(new SqliteIncrementalSnapshot(
                config,
                stream,
                schema,
                dispatcher,
                clock,
                listener,
                dataListener,
                notifications.incrementalSnapshotNotificationService()));
    }
}
