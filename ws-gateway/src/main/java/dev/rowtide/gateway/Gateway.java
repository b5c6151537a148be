package dev.rowtide.gateway;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Authenticator;
import dev.rowtide.gateway.auth.Authenticator.Credentials;
import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Authenticators;
import dev.rowtide.gateway.auth.Permissions;
import dev.rowtide.gateway.http.HandshakeHandler;
import dev.rowtide.gateway.http.RestHandlers;
import dev.rowtide.gateway.http.StaticFile;
import dev.rowtide.gateway.protocol.MessageCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway, put together: the one place where its parts meet. Changes go into {@link #sink}, and come out of the sockets of those who want them.
 *
 * <p>Threads: {@code fanout-0} owns the clients; Jetty's {@code gateway-…} read from the sockets and answer REST. All end with {@link #stop}.
 */
public final class Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    // A peer that stops reading is noticed when the kernel's buffer is full; left to itself Linux lets that grow to 4
    // MB.
    private static final int SEND_BUFFER_BYTES = 256 * 1024;
    private static final int ACCEPT_QUEUE = 4096;
    private static final int MAX_THREADS = 64;
    private static final long AUTH_TIMEOUT_SECONDS = 10;
    private static final long POLL_MILLIS = 20;
    private static final long STOP_MILLIS = 2_000;

    private final GatewayConfig config;
    private final Counters counters = new Counters();
    private final ConnectionCensus census;
    private final Hub hub;
    private final Authenticator authenticator;
    private final Server server;
    private final ServerConnector connector;

    /**
     * Starts the configured authenticator, and nothing else yet.
     *
     * @param resources the resources that exist
     * @param rows their present rows, for snapshots
     * @param source how the source is doing, for {@code /health} and people; asked from any thread
     * @param metricsText the answer to {@code /metrics}, in Prometheus' text format; asked from any thread
     * @param files the console, for everybody who asks
     * @throws IllegalArgumentException with a sentence for the person who wrote the configuration
     */
    public Gateway(
            GatewayConfig config,
            GatewayConfig.Resources resources,
            RowSource rows,
            Supplier<SourceStatus> source,
            Supplier<String> metricsText,
            List<StaticFile> files) {
        this(config, resources, rows, source, metricsText, files, Ticker.SYSTEM);
    }

    Gateway(
            GatewayConfig config,
            GatewayConfig.Resources resources,
            RowSource rows,
            Supplier<SourceStatus> source,
            Supplier<String> metricsText,
            List<StaticFile> files,
            Ticker ticker) {
        requireLoopback(config);
        this.config = config;
        this.census = new ConnectionCensus(config.limits());
        ChannelRules rules = new ChannelRules(
                resources,
                () -> source.get().health().state() != SourceHealth.State.STARTING
                        || !resources.names().isEmpty(),
                new Permissions(config.auth().rules()));
        this.hub = new Hub(config, rules, new RowRules(resources, config.policies()), rows, census, counters, ticker);
        this.authenticator = Authenticators.of(config.auth());

        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName("gateway");
        this.server = new Server(threads);
        this.connector = connector(config, server);
        server.addConnector(connector);

        MessageCodec codec = new MessageCodec();
        WebSocketUpgradeHandler upgrade = new WebSocketUpgradeHandler();
        upgrade.addMapping(
                config.path(),
                new UpgradeNegotiator(identity -> new WebSocketEndpoint(
                        identity, hub, config, codec, census, counters, this::authenticateAgain)));
        // In this order: upgrades are decided about first, and what is no upgrade falls through to REST, which answers
        // everything.
        server.setHandler(new Handler.Sequence(
                new HandshakeHandler(config, authenticator, census, upgrade),
                RestHandlers.of(
                        config,
                        authenticator,
                        new HubQueries(hub, census, threads, this::stats),
                        resources,
                        source,
                        metricsText,
                        files)));
    }

    /** Where changes go, once this is {@linkplain #start started}. */
    public ChangeSink sink() {
        return hub.log();
    }

    /**
     * Listens. Clients are taken even while the source is not ready: one that cannot connect for some seconds gives up.
     *
     * @throws IOException if the address cannot be listened on, with a sentence
     */
    public void start() throws IOException {
        hub.start();
        try {
            server.start();
        } catch (Exception e) {
            abandonStart();
            throw new IOException(
                    "cannot listen on " + config.host() + ":" + config.port() + ": " + e.getMessage()
                            + "; choose another port, or stop what uses it",
                    e);
        }
        LOG.info("Listening on {}:{}{}", config.host(), port(), config.path());
    }

    private void abandonStart() {
        try {
            hub.stop(STOP_MILLIS);
            server.stop();
        } catch (Exception e) {
            LOG.debug("What had been started did not stop cleanly", e);
        }
        authenticator.close();
    }

    /** The TCP port that it listens on, also if the configuration left the choice open. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The counters at this moment. Thread-safe. */
    public GatewayStats stats() {
        return new GatewayStats(
                census.connections(),
                counters.channels,
                counters.subscriptions,
                counters.messagesIn.sum(),
                counters.messagesOut.sum(),
                counters.bytesOut.sum(),
                counters.changes.sum(),
                counters.slowClosed.sum(),
                counters.fellBehind.sum(),
                counters.undecided.sum(),
                counters.historyBytes,
                counters.lagCount,
                counters.lagNanosTotal,
                counters.lagNanosMax);
    }

    /**
     * Sends the clients away and ends. Nobody new comes in; each client is told when to come back and closed with 4001, one after the other, behind what was
     * published; who is still there
     * when the time is over is cut off. The source is to be stopped first: a publisher that still comes gets an {@link IllegalStateException}.
     *
     * @param time how long it may take
     */
    public void stop(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        census.drain();
        hub.log().close();
        // Half of the time to send them away, the other half for the last to say goodbye.
        hub.post(() -> hub.drain(time.dividedBy(2)));
        while (census.connections() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        hub.post(hub::abortAll);
        hub.stop(STOP_MILLIS);
        try {
            server.stop();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.warn("The HTTP server did not stop cleanly", e);
        }
        authenticator.close();
    }

    /** For the message {@code auth}: the same decision as in the handshake, about a token alone. */
    private CompletionStage<Outcome> authenticateAgain(String token, String remoteAddress) {
        // On a thread that may block, although authenticators should not: the fan-out thread must not depend on their
        // being right.
        return CompletableFuture.supplyAsync(
                        () -> authenticator.authenticate(new Credentials(token, Map.of(), Map.of(), remoteAddress)),
                        server.getThreadPool())
                .thenCompose(outcome -> outcome)
                .orTimeout(AUTH_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static ServerConnector connector(GatewayConfig config, Server server) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(
                server,
                1,
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                new HttpConnectionFactory(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setAcceptedSendBufferSize(SEND_BUFFER_BYTES);
        return connector;
    }

    private static void requireLoopback(GatewayConfig config) {
        if (config.auth().mode() != AuthConfig.Mode.NONE || config.auth().allowRemote()) {
            return;
        }
        boolean loopback;
        try {
            loopback = InetAddress.getByName(config.host()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("host '" + config.host() + "' is not an address of this machine", e);
        }
        if (!loopback) {
            throw new IllegalArgumentException(
                    "without authentication the gateway listens on loopback addresses only, and '" + config.host()
                            + "' is reached by other machines; set auth.mode to tokens, or auth.allow-remote to true"
                            + " if everybody who reaches it may read the database");
        }
    }
}
