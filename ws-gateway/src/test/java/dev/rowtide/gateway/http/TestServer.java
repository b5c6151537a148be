package dev.rowtide.gateway.http;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.GatewayStats;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.AuthConfig.Mode;
import dev.rowtide.gateway.auth.AuthConfig.Token;
import dev.rowtide.gateway.auth.Authenticator;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** The handlers of this package on a real server and a free port, with a hub and an authenticator that do what a test says. */
final class TestServer implements AutoCloseable {
    static final Identity ANN = new Identity("ann", "Ann", Set.of("editor"), Map.of(), false, 0);
    static final Identity BACKEND = new Identity("backend", null, Set.of(), Map.of(), true, 0);
    static final AuthConfig TOKENS = new AuthConfig(
            Mode.TOKENS,
            false,
            Set.of("https://app.example.com"),
            Set.of(),
            List.of(new Token("user-token", ANN), new Token("service-token", BACKEND)),
            null,
            Map.of(),
            List.of());

    static final GatewayStats COUNTED = new GatewayStats(5, 2, 5, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21);
    static final List<StaticFile> FILES = List.of(
            new StaticFile("/", "text/html; charset=utf-8", "<h1>é</h1>".getBytes(StandardCharsets.UTF_8)),
            new StaticFile("/console.js", "text/javascript; charset=utf-8", new byte[] {'1'}));

    final Queries queries = new Queries();
    SourceHealth health = new SourceHealth(SourceHealth.State.FLOWING, "changes are flowing");
    Supplier<String> metrics = () -> "up 1\n";

    @Nullable
    Refused full;

    boolean resourcesKnown = true;
    Types types = () -> "export type Schema = {};\n";

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    TestServer(AuthConfig auth, Authenticator authenticator) throws Exception {
        this(auth, authenticator, 10);
    }

    TestServer(AuthConfig auth, Authenticator authenticator, int maxPending) throws Exception {
        GatewayConfig config = new GatewayConfig(
                "127.0.0.1",
                0,
                "/realtime",
                GatewayConfig.DEFAULT.heartbeatInterval(),
                auth,
                Map.of(),
                GatewayConfig.Presence.DEFAULT,
                GatewayConfig.Limits.DEFAULT,
                GatewayConfig.History.DEFAULT);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        WebSocketUpgradeHandler upgrade = new WebSocketUpgradeHandler();
        upgrade.addMapping("/realtime", (request, response, callback) -> {
            if (request.hasSubProtocol("rowtide")) {
                response.setAcceptedSubProtocol("rowtide");
            }
            Identity identity = (Identity) request.getAttribute(HandshakeHandler.IDENTITY);
            return new Echo(Objects.requireNonNull(identity).userId());
        });
        server.setHandler(new Handler.Sequence(
                new HandshakeHandler(
                        config, authenticator, identity -> full, upgrade, InstantSource.system(), maxPending),
                RestHandlers.of(
                        config, authenticator, queries, resources(), this::source, () -> metrics.get(), FILES)));
        server.start();
    }

    private SourceStatus source() {
        return new SourceStatus(health, "postgres://ann@db/shop", "replication slot rowtide", 16384, 3, 120);
    }

    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }

    private GatewayConfig.Resources resources() {
        return new GatewayConfig.Resources() {
            @Override
            public boolean exists(String resource) {
                return resourcesKnown && resource.equals("post");
            }

            @Override
            public List<String> names() {
                return resourcesKnown ? List.of("post") : List.of();
            }

            @Override
            public Optional<RowShape> shape(String resource) {
                return Optional.of(new RowShape(List.of("id", "title")));
            }

            @Override
            public String typeScript() throws IOException {
                return types.read();
            }
        };
    }

    /** What the database says of the resources' types. */
    interface Types {
        String read() throws IOException;
    }

    /** Answers each text with the user's id before it. */
    private static final class Echo implements FrameHandler {
        private final String userId;
        private @Nullable CoreSession session;

        Echo(String userId) {
            this.userId = userId;
        }

        @Override
        public void onOpen(CoreSession opened, Callback callback) {
            session = opened;
            callback.succeeded();
            opened.demand();
        }

        @Override
        public void onFrame(Frame frame, Callback callback) {
            CoreSession open = Objects.requireNonNull(session);
            if (frame.getOpCode() == OpCode.TEXT) {
                String text = userId + ": " + frame.getPayloadAsUTF8();
                ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                open.sendFrame(new Frame(OpCode.TEXT, payload), Callback.NOOP, false);
            }
            callback.succeeded();
            if (frame.getOpCode() != OpCode.CLOSE) {
                open.demand();
            }
        }

        @Override
        public void onError(Throwable cause, Callback callback) {
            callback.succeeded();
        }

        @Override
        public void onClosed(CloseStatus closeStatus, Callback callback) {
            callback.succeeded();
        }
    }

    /** A hub that answers what it is told to. */
    static final class Queries implements GatewayQueries {
        record Said(
                Channel channel,
                String payloadJson,
                @Nullable String userId) {}

        CompletionStage<Stats> stats =
                CompletableFuture.completedFuture(new Stats(0, 0, 0, null, 0, List.of(), COUNTED));
        CompletionStage<UserPage> users = CompletableFuture.completedFuture(new UserPage(List.of(), 0, null));
        CompletionStage<BroadcastResult> broadcast = CompletableFuture.completedFuture(new BroadcastResult(3));
        final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<Said> said = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<Stats> stats(int maxChannels) {
            asked.add("stats " + maxChannels);
            return stats;
        }

        @Override
        public CompletionStage<UserPage> users(String channel, int limit, @Nullable String cursor) {
            asked.add("users " + channel + " " + limit + " " + cursor);
            return users;
        }

        @Override
        public CompletionStage<BroadcastResult> broadcast(
                Channel channel, String payloadJson, @Nullable String userId) {
            said.add(new Said(channel, payloadJson, userId));
            return broadcast;
        }

        @Override
        public CompletionStage<Explanation> explain(
                String userId, Set<String> roles, Channel channel, Position position) {
            throw new AssertionError("explained with a real hub, in ExplainTest");
        }
    }

    /** Remembers what clients brought and answers what it is told to. */
    static final class Scripted implements Authenticator {
        final LinkedBlockingQueue<Credentials> seen = new LinkedBlockingQueue<>();
        private final Function<Credentials, CompletionStage<Outcome>> answer;

        Scripted(Function<Credentials, CompletionStage<Outcome>> answer) {
            this.answer = answer;
        }

        static Scripted accepting(Identity identity) {
            return new Scripted(credentials -> CompletableFuture.completedFuture(new Outcome.Accepted(identity)));
        }

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public CompletionStage<Outcome> authenticate(Credentials credentials) {
            seen.add(credentials);
            return answer.apply(credentials);
        }
    }
}
