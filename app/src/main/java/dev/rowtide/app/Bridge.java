package dev.rowtide.app;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.EngineMetrics;
import dev.rowtide.cdc.SourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.Gateway;
import dev.rowtide.gateway.GatewayConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running process, put together: the one place where the engine and the gateway meet.
 *
 * <p>A row change goes from the engine into the gateway's sink. The other way the gateway asks which resources exist and how the source is doing.
 * Threads are theirs; this class has none.
 */
public final class Bridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);

    /** How long clients get to be told and to leave. Together with the engine's end it stays below what service managers grant. */
    private static final Duration GOODBYE = Duration.ofSeconds(5);

    private final SourceConfig source;
    private final Gateway gateway;
    private final ChangeEngine engine;
    private final BridgeMetrics metrics;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * Puts the parts together; nothing runs yet.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote the configuration
     */
    public Bridge(AppConfig config) {
        // 1. The metrics know nobody until the others exist.
        metrics = new BridgeMetrics();
        source = config.source();
        // 2. The gateway before the engine, which wants its sink. It asks about the engine only once both are there.
        gateway = new Gateway(
                config.gateway(),
                new EngineResources(),
                this::readRows,
                this::status,
                metrics::text,
                ConsolePage.files(config));
        // 3. The engine; it neither reads nor connects yet. The columns that it finds have to fit the policies.
        engine = new ChangeEngine(
                config.source(),
                config.dataDirectory(),
                config.snapshots(),
                gateway.sink(),
                new PolicyCheck(config.gateway()));
        // 4. Whose numbers are shown.
        metrics.watch(engine, gateway, this::health);
    }

    /**
     * Listens, then reads. Returns at once, also when the database cannot be reached: the engine goes on trying, and {@code /health/ready} says why.
     *
     * @throws IOException if the address cannot be listened on, with a sentence
     * @throws IllegalStateException if the data directory is in use by another process, with a sentence
     */
    public void start() throws IOException {
        // The gateway first: clients that reconnect after a restart find somebody, and the engine's first changes find
        // them.
        gateway.start();
        engine.start();
    }

    /** The port that it listens on, also if the configuration left the choice open. */
    public int port() {
        return gateway.port();
    }

    /** How the source of changes is doing; never ready while stopping. Thread-safe. */
    public SourceHealth health() {
        return stopping.get()
                ? new SourceHealth(SourceHealth.State.STOPPED, "the bridge is stopping")
                : engine.health();
    }

    /** Stops in order; takes some seconds, and longer only if the database does not answer. Can be called again. */
    @Override
    public void close() {
        // 1. No longer ready, so that a load balancer sends nobody new.
        if (stopping.getAndSet(true)) {
            return;
        }
        LOG.info("Stopping");
        // 2. The engine, while the gateway still delivers: what has been delivered is stored as the place to go on
        // from.
        engine.close();
        // 3. The clients are told to come back, and leave one after the other.
        try {
            gateway.stop(GOODBYE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while clients were leaving");
        }
        // 4. Last, since the others are asked until they are gone.
        metrics.close();
        LOG.info("Stopped");
    }

    private SourceStatus status() {
        EngineMetrics read = engine.metrics();
        return new SourceStatus(
                health(),
                source.displayName(),
                source.logName(),
                engine.keptLogBytes(),
                read.lagMillis(),
                read.silentMillis());
    }

    /** The engine's rows. A method, as it is handed out before the engine is made. */
    private SnapshotReading readRows(SnapshotRequest request, SnapshotHandler handler) {
        return engine.rowSource().read(request, handler);
    }

    /** The engine's resources, as the gateway wants them. A class and not a lambda: it is made before the engine is. */
    private final class EngineResources implements GatewayConfig.Resources {
        @Override
        public boolean exists(String resource) {
            return engine.resourceExists(resource);
        }

        @Override
        public List<String> names() {
            return engine.resourceNames();
        }

        @Override
        public Optional<RowShape> shape(String resource) {
            return engine.resourceShape(resource);
        }

        @Override
        public String typeScript() throws IOException {
            try {
                return TypeScript.of(source.describeRows());
            } catch (SourceFailure e) {
                throw new IOException(e.sentence(), e);
            }
        }
    }
}
