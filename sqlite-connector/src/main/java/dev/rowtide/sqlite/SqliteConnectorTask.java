package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import io.debezium.bean.StandardBeanNames;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.config.Field;
import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.common.BaseSourceTask;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.common.DebeziumHeaderProducer;
import io.debezium.document.DocumentReader;
import io.debezium.heartbeat.HeartbeatFactory;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.metrics.DefaultChangeEventSourceMetricsFactory;
import io.debezium.pipeline.notification.NotificationService;
import io.debezium.pipeline.signal.SignalProcessor;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.spi.Offsets;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.TableId;
import io.debezium.schema.SchemaFactory;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.spi.topic.TopicNamingStrategy;
import io.debezium.util.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts of a running connector together, and takes them apart.
 *
 * <p>Threads: {@code start}, {@code doPoll}, {@code performCommit} and {@code doStop} are called by the framework, one at a time; the stream is started and read on Debezium's coordinator thread. After a
 * failure that a restart may cure, the framework calls {@code doStop} and {@code start} again on the same object.
 */
public final class SqliteConnectorTask extends BaseSourceTask<SqlitePartition, SqliteOffsetContext> {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteConnectorTask.class);
    private static final Duration IDLE_WAIT = Duration.ofMillis(100);

    private @Nullable SqliteConnectorConfig config;
    private @Nullable CdcSourceTaskContext<SqliteConnectorConfig> taskContext;
    private volatile @Nullable Running running;
    private @Nullable ErrorHandler errorHandler;

    /** What one start made. */
    private record Running(
            ChangeStream stream,
            WakingQueue waking,
            ChangeEventQueue<DataChangeEvent> queue,
            SqliteSchema schema,
            SqliteStreamMetrics metrics,
            SqliteReading reading,
            ChangeEventSourceCoordinator<SqlitePartition, SqliteOffsetContext> coordinator,
            int maxBatch) {}

    /** For Kafka Connect. */
    public SqliteConnectorTask() {}

    @Override
    public String version() {
        return Module.version();
    }

    @Override
    protected String connectorName() {
        return Module.NAME;
    }

    @Override
    protected Iterable<Field> getAllConfigurationFields() {
        return SqliteConnectorConfig.ALL_FIELDS;
    }

    @Override
    public CdcSourceTaskContext<? extends CommonConnectorConfig> preStart(Configuration properties) {
        SqliteConnectorConfig made = new SqliteConnectorConfig(properties);
        config = made;
        taskContext = new CdcSourceTaskContext<>(properties, made, made.getCustomMetricTags());
        return taskContext;
    }

    @Override
    protected ChangeEventSourceCoordinator<SqlitePartition, SqliteOffsetContext> start(Configuration properties) {
        ChangeStream stream = open();
        try {
            return start(properties, stream);
        } catch (RuntimeException | Error e) {
            closeQuietly(stream);
            throw e;
        }
    }

    /** Takes the state directory. The database is opened later, on the coordinator's thread: a first copy may take long. */
    private ChangeStream open() {
        try {
            return ChangeStream.open(started(config).streamOptions());
        } catch (IOException e) {
            if (SqliteErrorHandler.isCurable(e)) {
                throw new RetriableException(e.getMessage(), e);
            }
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private ChangeEventSourceCoordinator<SqlitePartition, SqliteOffsetContext> start(
            Configuration properties, ChangeStream stream) {
        SqliteConnectorConfig options = started(config);
        CdcSourceTaskContext<SqliteConnectorConfig> context = started(taskContext);
        Clock clock = Clock.system();
        TopicNamingStrategy<TableId> topics = topics(options);
        registerServiceProviders(options.getServiceRegistry());

        SqliteValueConverters converters =
                new SqliteValueConverters(options.valueMode(), options.getEventConvertingFailureHandlingMode());
        SqliteSchema schema = new SqliteSchema(
                options,
                topics,
                converters,
                options.getServiceRegistry().tryGetService(CustomConverterRegistry.class),
                context);
        Offsets<SqlitePartition, SqliteOffsetContext> offsets =
                getPreviousOffsets(SqlitePartition.provider(options), SqliteOffsetContext.loader(options));

        options.getBeanRegistry().add(StandardBeanNames.CONFIGURATION, properties);
        options.getBeanRegistry().add(StandardBeanNames.CONNECTOR_CONFIG, options);
        options.getBeanRegistry().add(StandardBeanNames.DATABASE_SCHEMA, schema);
        options.getBeanRegistry().add(StandardBeanNames.VALUE_CONVERTER, converters);
        options.getBeanRegistry().add(StandardBeanNames.OFFSETS, offsets);
        options.getBeanRegistry().add(StandardBeanNames.CDC_SOURCE_TASK_CONTEXT, context);
        SnapshotterService snapshotters = started(options.getServiceRegistry().tryGetService(SnapshotterService.class));

        // The bytes are the waking queue's business: Debezium's count would never go down, because it does not see
        // records leave.
        WakingQueue waking = new WakingQueue(options.getMaxQueueSize(), options.maxQueueBytes());
        ChangeEventQueue<DataChangeEvent> queue = new ChangeEventQueue.Builder<DataChangeEvent>()
                .pollInterval(options.getPollInterval())
                .maxBatchSize(options.getMaxBatchSize())
                .maxQueueSize(options.getMaxQueueSize())
                .maxQueueSizeInBytes(0)
                .queueProvider(waking)
                .loggingContextSupplier(() -> context.configureLoggingContext("task"))
                .build();
        ErrorHandler errors = new SqliteErrorHandler(options, queue, errorHandler);
        errorHandler = errors;

        SqliteEventMetadataProvider metadata = new SqliteEventMetadataProvider();
        SignalProcessor<SqlitePartition, SqliteOffsetContext> signals = new SignalProcessor<>(
                SqliteConnector.class,
                options,
                Map.of(),
                getAvailableSignalChannels(),
                DocumentReader.defaultReader(),
                offsets);
        EventDispatcher<SqlitePartition, TableId> dispatcher =
                new EventDispatcher<>(
                        options,
                        topics,
                        schema,
                        queue,
                        options.getTableFilters().dataCollectionFilter(),
                        DataChangeEvent::new,
                        metadata,
                        new HeartbeatFactory<TableId>().getScheduledHeartbeat(options, null, null, queue),
                        options.schemaNameAdjuster(),
                        signals,
                        options.getServiceRegistry().tryGetService(DebeziumHeaderProducer.class)) {
                    @Override
                    public void setEventListener(DataChangeEventListener<SqlitePartition> listener) {
                        // The framework's statistics want to hear of each event.
                        super.setEventListener(
                                options.keepsEventMetrics() ? listener : DataChangeEventListener.NO_OP());
                    }
                };
        NotificationService<SqlitePartition, SqliteOffsetContext> notifications = new NotificationService<>(
                getNotificationChannels(), options, SchemaFactory.get(), dispatcher::enqueueNotification);
        ChangeEventSourceCoordinator<SqlitePartition, SqliteOffsetContext> made = new ReleasingCoordinator(
                offsets,
                errors,
                options,
                new SqliteChangeEventSourceFactory(
                        options,
                        stream,
                        schema,
                        dispatcher,
                        errors,
                        snapshotters.getSnapshotter(),
                        clock,
                        waking::isReleased),
                dispatcher,
                schema,
                signals,
                notifications,
                snapshotters,
                waking);
        SqliteStreamMetrics metrics = new SqliteStreamMetrics(context, stream, waking);
        SqliteReading reading = new SqliteReading(context, stream);
        running = new Running(stream, waking, queue, schema, metrics, reading, made, options.getMaxBatchSize());
        metrics.register();
        reading.register();
        made.start(context, queue, metadata);
        return made;
    }

    /** Lets a producer that waits for room in the queue go before it waits for it to end: nobody polls any more. */
    private static final class ReleasingCoordinator
            extends ChangeEventSourceCoordinator<SqlitePartition, SqliteOffsetContext> {
        private final WakingQueue waking;

        ReleasingCoordinator(
                Offsets<SqlitePartition, SqliteOffsetContext> offsets,
                ErrorHandler errors,
                SqliteConnectorConfig options,
                SqliteChangeEventSourceFactory sources,
                EventDispatcher<SqlitePartition, TableId> dispatcher,
                SqliteSchema schema,
                SignalProcessor<SqlitePartition, SqliteOffsetContext> signals,
                NotificationService<SqlitePartition, SqliteOffsetContext> notifications,
                SnapshotterService snapshotters,
                WakingQueue waking) {
            super(
                    offsets,
                    errors,
                    SqliteConnector.class,
                    options,
                    sources,
                    new DefaultChangeEventSourceMetricsFactory<>(),
                    dispatcher,
                    schema,
                    signals,
                    notifications,
                    snapshotters);
            this.waking = waking;
        }

        @Override
        public synchronized void stop() throws InterruptedException {
            waking.release();
            super.stop();
        }
    }

    @SuppressWarnings("unchecked") // the framework makes it from a class name
    private static TopicNamingStrategy<TableId> topics(SqliteConnectorConfig options) {
        return options.getTopicNamingStrategy(CommonConnectorConfig.TOPIC_NAMING_STRATEGY);
    }

    @Override
    protected List<SourceRecord> doPoll() throws InterruptedException {
        Running now = started(running);
        List<SourceRecord> records = now.waking().drain(now.maxBatch(), IDLE_WAIT);
        if (records.isEmpty() && errorHandler != null && errorHandler.getProducerThrowable() != null) {
            // What was emitted before the failure has been taken; now Debezium's queue throws what it was told.
            return pollRecords(now.queue());
        }
        return records;
    }

    @Override
    protected Optional<ErrorHandler> getErrorHandler() {
        return Optional.ofNullable(errorHandler);
    }

    /**
     * Acknowledges what the offset store holds, not what was acknowledged last: the state must never move past the offset that the next start is given.
     */
    @Override
    public void performCommit() {
        Running now = running;
        SqliteConnectorConfig options = config;
        if (now == null || options == null) {
            return;
        }
        for (SqlitePartition partition : SqlitePartition.provider(options).getPartitions()) {
            Map<String, Object> stored = context.offsetStorageReader().offset(partition.getSourcePartition());
            if (stored != null && !stored.isEmpty()) {
                now.coordinator().commitOffset(partition.getSourcePartition(), stored);
            }
        }
    }

    /** Not noted: {@link #performCommit} asks the store. */
    @Override
    public void commitRecord(
            SourceRecord record, org.apache.kafka.clients.producer.@Nullable RecordMetadata metadata) {}

    @Override
    protected void doStop() {
        Running now = running;
        running = null;
        if (now != null) {
            now.metrics().unregister();
            now.reading().unregister();
            now.queue().close();
            closeQuietly(now.stream());
            now.schema().close();
        }
    }

    private static void closeQuietly(ChangeStream stream) {
        try {
            stream.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("Closing the stream failed; the next start repairs the state", e);
        }
    }

    private static <T> T started(@Nullable T part) {
        return Objects.requireNonNull(part, "the task is not started");
    }
}
