package dev.rowtide.cdc;

import dev.rowtide.cdc.debezium.PushQueue;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of Debezium's embedded engine, on a thread of its own ({@code cdc-engine}); an engine runs once.
 *
 * <p>Used by the supervisor's thread; the state is set by the engine's.
 */
final class EngineRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineRun.class);
    private static final long START_MILLIS = 45_000;
    private static final long END_MILLIS = 45_000;
    private static final long STEP_MILLIS = 20;

    private final String connector;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final Thread thread;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean polling;
    private volatile boolean ended;

    EngineRun(String connector, Properties properties, ChangeBatchConsumer consumer) {
        this.connector = connector;
        engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties)
                .using((DebeziumEngine.CompletionCallback) this::completed)
                .using(new DebeziumEngine.ConnectorCallback() {
                    @Override
                    public void pollingStarted() {
                        polling = true;
                    }
                })
                .notifying(consumer)
                .build();
        thread = new Thread(engine, "cdc-engine");
        thread.setUncaughtExceptionHandler((t, e) -> completed(false, "uncaught", e));
    }

    void start() {
        thread.start();
    }

    /** Whether the engine asks for records. */
    boolean polling() {
        return polling;
    }

    boolean ended() {
        return ended;
    }

    /** Why it ended. */
    Throwable failure() {
        Throwable why = failure.get();
        return why == null ? new IllegalStateException("the engine stopped without saying why") : why;
    }

    private void completed(boolean success, String message, @Nullable Throwable error) {
        if (error != null) {
            failure.compareAndSet(null, error);
        } else if (!success) {
            failure.compareAndSet(null, new IllegalStateException(message));
        }
        ended = true;
    }

    /** Stops it, and stores the offset that was marked last. */
    @Override
    public void close() {
        PushQueue.release(connector);
        try {
            stop();
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("Debezium's engine did not end within {} s", END_MILLIS / 1000);
            thread.interrupt();
        }
    }

    /** While tasks are starting the engine refuses to be closed; it also refuses when it is closing or closed by itself. */
    private void stop() throws InterruptedException {
        for (long waited = 0; !ended && waited < START_MILLIS; waited += STEP_MILLIS) {
            try {
                engine.close();
                return;
            } catch (IllegalStateException notNow) {
                thread.join(STEP_MILLIS);
            } catch (IOException e) {
                LOG.warn("Closing Debezium's engine failed", e);
                return;
            }
        }
    }
}
