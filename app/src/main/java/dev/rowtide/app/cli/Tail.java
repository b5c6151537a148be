package dev.rowtide.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.feed.Position;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A client that follows channels for ever: connects, subscribes, prints, and comes back when the connection ends.
 *
 * <p>One thread runs it; messages arrive on a thread of the HTTP client, one at a time, in a {@link TailSession}.
 */
final class Tail {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** How often we say that we live; the answer says that the bridge does. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** After so long without anything the connection counts as dead, whatever TCP thinks. */
    private static final Duration SILENCE = Duration.ofSeconds(40);

    private static final long FIRST_WAIT_MILLIS = 250;
    private static final long LONGEST_WAIT_MILLIS = 10_000;

    private final URI address;
    private final @Nullable String token;
    private final List<String> channels;
    private final boolean presence;
    private final LineOutput out;
    private final PrintWriter err;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    private final Map<String, Position> newest = new ConcurrentHashMap<>();
    private long waitMillis = FIRST_WAIT_MILLIS;
    private String lastComplaint = "";

    Tail(
            URI address,
            @Nullable String token,
            List<String> channels,
            boolean presence,
            LineOutput out,
            PrintWriter err) {
        this.address = address;
        this.token = token;
        this.channels = channels;
        this.presence = presence;
        this.out = out;
        this.err = err;
    }

    /**
     * Follows until nobody reads the output any more.
     *
     * @throws CommandFailure if the bridge refuses, and trying again would change nothing
     */
    void run() throws InterruptedException {
        while (true) {
            TailSession session = new TailSession(channels, newest, out, err);
            TailSession.End end = follow(session);
            if (session.subscribed()) {
                waitMillis = FIRST_WAIT_MILLIS;
                lastComplaint = "";
            }
            if (end instanceof TailSession.End.OutputClosed) {
                return;
            }
            if (end instanceof TailSession.End.Refused refused) {
                throw CommandFailure.failed(refused.sentence());
            }
            waitBeforeNextTry((TailSession.End.Lost) end);
        }
    }

    private void waitBeforeNextTry(TailSession.End.Lost lost) throws InterruptedException {
        if (!lost.sentence().equals(lastComplaint)) {
            err.println("rowtide: " + lost.sentence() + "; trying again");
            lastComplaint = lost.sentence();
        }
        // Jitter, so that a thousand tails do not come back in the same millisecond.
        long wait = lost.reconnectInMillis() > 0
                ? Math.min(lost.reconnectInMillis(), LONGEST_WAIT_MILLIS)
                : ThreadLocalRandom.current().nextLong(waitMillis / 2, waitMillis + 1);
        waitMillis = Math.min(waitMillis * 2, LONGEST_WAIT_MILLIS);
        TimeUnit.MILLISECONDS.sleep(wait);
    }

    /** One connection, from the handshake to its end. */
    private TailSession.End follow(TailSession session) throws InterruptedException {
        WebSocket socket;
        try {
            WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(CONNECT_TIMEOUT);
            if (token != null) {
                builder.header("Authorization", "Bearer " + token);
            }
            socket = builder.buildAsync(address, session).get();
        } catch (ExecutionException e) {
            return explain(e.getCause() == null ? e : e.getCause());
        }
        try {
            for (int i = 0; i < channels.size(); i++) {
                send(socket, subscription(i));
            }
            return untilEnd(socket, session);
        } catch (ExecutionException e) {
            return new TailSession.End.Lost("the connection to " + address + " broke", 0);
        } finally {
            socket.abort();
        }
    }

    private TailSession.End untilEnd(WebSocket socket, TailSession session)
            throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return session.end().get(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (session.silentNanos() > SILENCE.toNanos()) {
                    return new TailSession.End.Lost("nothing was heard for " + SILENCE.toSeconds() + " s", 0);
                }
                send(socket, JSON.createObjectNode().put("type", "heartbeat"));
            }
        }
    }

    private ObjectNode subscription(int index) {
        ObjectNode message = JSON.createObjectNode()
                .put("type", "subscribe")
                .put("channel", channels.get(index))
                .put("id", index);
        // Who only looks on is not shown to others as being online.
        message.putObject("payload").put("presence", presence ? "full" : "none");
        return message;
    }

    private static void send(WebSocket socket, ObjectNode message) throws InterruptedException, ExecutionException {
        // One at a time: this API refuses a second send while the first is under way.
        socket.sendText(message.toString(), true).get();
    }

    private TailSession.End explain(Throwable failure) {
        if (failure instanceof WebSocketHandshakeException handshake) {
            return explain(handshake.getResponse());
        }
        String why = failure instanceof ConnectException && failure.getMessage() == null
                ? "nobody listens there"
                : String.valueOf(failure.getMessage());
        return new TailSession.End.Lost("cannot connect to " + address + ": " + why, 0);
    }

    private TailSession.End explain(HttpResponse<?> response) {
        int status = response.statusCode();
        String sentence = "the bridge at " + address + " refuses (" + status + "): " + reason(response);
        boolean passes = status == 429 || status >= 500;
        return passes ? new TailSession.End.Lost(sentence, 0) : new TailSession.End.Refused(sentence);
    }

    private static String reason(HttpResponse<?> response) {
        String body = response.body() instanceof String text ? text : "";
        try {
            JsonNode json = JSON.readTree(body);
            String message = json.findPath("message").asText("");
            if (!message.isEmpty()) {
                return message;
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            // Not the bridge, then, but something before it.
        }
        return switch (response.statusCode()) {
            case 401 -> "a token is needed, or this one is not known: give --token or ROWTIDE_TOKEN";
            case 403 -> "forbidden";
            case 404 -> "there is no WebSocket at this path";
            default -> "no reason given";
        };
    }
}
