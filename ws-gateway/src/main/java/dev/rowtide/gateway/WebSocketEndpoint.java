package dev.rowtide.gateway;

import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.protocol.ClientMessage;
import dev.rowtide.gateway.protocol.CloseCode;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.MalformedMessageException;
import dev.rowtide.gateway.protocol.MessageCodec;
import dev.rowtide.gateway.protocol.Problem;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a client's frames come in: put together to messages, decoded, and handed to the fan-out thread.
 *
 * <p>Jetty calls with one frame at a time, on whichever of its threads, and with the next only after it is demanded; so nothing here is locked. The next is
 * demanded when the message has been dealt with, and a client that sends faster than that fills its own socket.
 *
 * <p>A message over the limit is read and thrown away, and answered with an error, which keeps the connection; Jetty would have closed it. Only what is many
 * times over the limit ends it. Frames arrive in pieces as large as what was read from the socket, whatever length they announce, so nobody
 * makes the gateway set memory aside by a number.
 */
final class WebSocketEndpoint implements FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketEndpoint.class);

    /** How many times the limit is read and thrown away before the connection is closed. */
    private static final int DISCARDED_LIMITS = 64;

    private static final byte[] EMPTY = {};

    private final Identity identity;
    private final Hub hub;
    private final GatewayConfig config;
    private final MessageCodec codec;
    private final ConnectionCensus census;
    private final Counters counters;
    private final BiFunction<String, String, CompletionStage<Outcome>> authenticate;
    private final TokenBucket rate;
    private final TokenBucket patience;
    private @Nullable CoreSession session;
    private @Nullable Conversation conversation;

    // The message that is being put together.
    private byte[] message = EMPTY;
    private int length;
    private long discarded;
    private boolean binary;

    /** @param authenticate decides about a token from an address */
    WebSocketEndpoint(
            Identity identity,
            Hub hub,
            GatewayConfig config,
            MessageCodec codec,
            ConnectionCensus census,
            Counters counters,
            BiFunction<String, String, CompletionStage<Outcome>> authenticate) {
        this.identity = identity;
        this.hub = hub;
        this.config = config;
        this.codec = codec;
        this.census = census;
        this.counters = counters;
        this.authenticate = authenticate;
        int perSecond = config.limits().messagesPerSecond();
        int burst = config.limits().messageBurst();
        this.rate = new TokenBucket(perSecond, burst, hub.nanos());
        // Taken from by refused messages only: who keeps sending twice as fast as allowed runs out of it.
        this.patience = new TokenBucket(perSecond, burst, hub.nanos());
    }

    @Override
    public void onOpen(CoreSession session, Callback callback) {
        this.session = session;
        Connection[] opened = new Connection[1];
        // The writer and the connection know each other; whichever mail comes from the writer, the connection is there
        // by then.
        PeerWriter writer = new FrameApiWriter(
                session,
                hub.thread(),
                counters,
                () -> Objects.requireNonNull(opened[0]).drained(),
                () -> Objects.requireNonNull(opened[0]).abort());
        Connection connection = new Connection(
                hub,
                identity,
                writer,
                config.limits().maxOutboxBytes(),
                config.heartbeatInterval().toNanos());
        opened[0] = connection;
        String remoteAddress = address(session.getRemoteAddress());
        conversation =
                new Conversation(hub, connection, token -> authenticate.apply(token, remoteAddress), session::demand);
        census.opened(identity.userId());
        hub.post(() -> hub.add(connection));
        callback.succeeded();
        session.demand();
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
        connection().heard(hub.nanos());
        switch (frame.getOpCode()) {
            case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> {
                if (frame.getOpCode() == OpCode.BINARY) {
                    binary = true;
                }
                boolean end = frame.isFin();
                take(frame.getPayload());
                callback.succeeded();
                if (end) {
                    onMessage();
                } else if (discarded > (long) DISCARDED_LIMITS * config.limits().maxMessageBytes()) {
                    close(CloseCode.MESSAGE_TOO_LARGE);
                } else {
                    session().demand();
                }
            }
            case OpCode.PING -> {
                ByteBuffer payload = BufferUtil.copy(frame.getPayload());
                callback.succeeded();
                // The next frame only after the pong has left: pings are no way to fill our memory.
                session()
                        .sendFrame(
                                new Frame(OpCode.PONG, payload == null ? BufferUtil.EMPTY_BUFFER : payload),
                                Callback.from(session()::demand, failure -> {}),
                                false);
            }
            case OpCode.CLOSE -> {
                left(CloseStatus.getCloseStatus(frame));
                callback.succeeded(); // Jetty answers with a CLOSE of its own
            }
            default -> {
                callback.succeeded();
                session().demand();
            }
        }
    }

    private void take(@Nullable ByteBuffer payload) {
        if (payload == null || !payload.hasRemaining()) {
            return;
        }
        int size = payload.remaining();
        int limit = config.limits().maxMessageBytes();
        if (binary || discarded > 0 || length + size > limit) {
            discarded += length + size;
            length = 0;
            message = EMPTY;
            return;
        }
        if (length + size > message.length) {
            message = Arrays.copyOf(message, Math.min(limit, Math.max(length + size, message.length * 2)));
        }
        payload.get(message, length, size);
        length += size;
    }

    private void onMessage() {
        counters.messagesIn.increment();
        ByteBuffer bytes = ByteBuffer.wrap(message, 0, length);
        boolean wasBinary = binary;
        long tooLong = discarded;
        // An idle connection holds no buffer.
        message = EMPTY;
        length = 0;
        discarded = 0;
        binary = false;
        if (wasBinary) {
            refuse(new Problem(
                    ErrorCode.BAD_MESSAGE, "binary frames are not spoken here; send the JSON as a text frame"));
        } else if (tooLong > 0) {
            refuse(new Problem(
                    ErrorCode.TOO_LARGE,
                    "a message has at most " + config.limits().maxMessageBytes() + " bytes, this one had " + tooLong
                            + " and was discarded"));
        } else {
            try {
                onText(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
            } catch (CharacterCodingException e) {
                close(CloseCode.INVALID_UTF8);
            }
        }
    }

    /** A whole text message. */
    private void onText(String text) {
        Conversation conversation = conversation();
        ClientMessage decoded = null;
        MalformedMessageException malformed = null;
        try {
            decoded = codec.decode(text);
        } catch (MalformedMessageException e) {
            malformed = e;
        }
        long now = hub.nanos();
        if (!rate.tryTake(now)) {
            if (!patience.tryTake(now)) {
                close(CloseCode.RATE);
                return;
            }
            String idJson = decoded != null ? decoded.idJson() : malformed != null ? malformed.idJson() : null;
            Problem problem = new Problem(
                    ErrorCode.RATE_LIMITED,
                    "at most " + config.limits().messagesPerSecond() + " messages a second in the long run and "
                            + config.limits().messageBurst() + " at once; this one was discarded",
                    rate.waitMillis());
            hub.post(() -> conversation.refuse(problem, idJson, null));
        } else if (decoded != null) {
            ClientMessage received = decoded;
            hub.post(() -> conversation.receive(received));
        } else if (malformed != null) {
            MalformedMessageException refused = malformed;
            hub.post(() -> conversation.refuse(refused));
        }
    }

    private void refuse(Problem problem) {
        Conversation conversation = conversation();
        hub.post(() -> conversation.refuse(problem, null, null));
    }

    /** Reading goes on, or the client's own CLOSE would not be seen. */
    private void close(CloseCode code) {
        Conversation conversation = conversation();
        hub.post(() -> {
            conversation.connection().close(code);
            conversation.readNext();
        });
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        // The network's and the peer's doings; onClosed follows.
        LOG.debug("A connection failed", cause);
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        left(status);
        callback.succeeded();
    }

    /** Said by the peer's CLOSE frame, and again when the socket is closed, whichever of the two comes. */
    private void left(@Nullable CloseStatus status) {
        Connection connection = connection();
        // A page that is reloaded sends 1001, so that is no goodbye.
        boolean goodbye =
                status != null && (status.getCode() == CloseStatus.NORMAL || status.getCode() == CloseStatus.NO_CODE);
        hub.post(() -> connection.left(goodbye ? End.CLEAN : End.UNCLEAN));
    }

    private CoreSession session() {
        return Objects.requireNonNull(session);
    }

    private Conversation conversation() {
        return Objects.requireNonNull(conversation);
    }

    private Connection connection() {
        return conversation().connection();
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : String.valueOf(address);
    }
}
