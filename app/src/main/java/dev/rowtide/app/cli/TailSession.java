package dev.rowtide.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One connection of {@link Tail}. Its methods are called by the HTTP client, one at a time. */
final class TailSession implements WebSocket.Listener {
    private static final JsonMapper JSON = new JsonMapper();
    /** From here on a close code means that coming back changes nothing (docs/protocol.md). */
    private static final int FIRST_FINAL_CLOSE_CODE = 4500;

    private static final int LAST_FINAL_CLOSE_CODE = 4999;

    private final List<String> channels;
    private final Map<String, Position> newest;
    private final LineOutput out;
    private final PrintWriter err;
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private volatile long lastHeardNanos = System.nanoTime();
    private volatile boolean subscribed;
    private long reconnectInMillis;

    /** How a connection ended. */
    sealed interface End {
        /**
         * Come back.
         *
         * @param reconnectInMillis when, if the bridge said so, or 0
         */
        record Lost(String sentence, long reconnectInMillis) implements End {}

        /** Coming back would change nothing. */
        record Refused(String sentence) implements End {}

        /** Nobody reads the output any more. */
        record OutputClosed() implements End {}
    }

    /** @param newest by channel, the position of the newest change that was printed; outlives the connection */
    TailSession(List<String> channels, Map<String, Position> newest, LineOutput out, PrintWriter err) {
        this.channels = channels;
        this.newest = newest;
        this.out = out;
        this.err = err;
    }

    /** Completes when this connection is over; never exceptionally. */
    CompletableFuture<End> end() {
        return end;
    }

    /** Whether any channel was joined. */
    boolean subscribed() {
        return subscribed;
    }

    /** Time since anything came. */
    long silentNanos() {
        return System.nanoTime() - lastHeardNanos;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        lastHeardNanos = System.nanoTime();
        partial.append(data);
        if (last) {
            String message = partial.toString();
            partial.setLength(0);
            take(message);
        }
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        lastHeardNanos = System.nanoTime();
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        String sentence = "the bridge closed the connection (" + code + (reason.isEmpty() ? "" : ": " + reason) + ")";
        boolean isFinal = code >= FIRST_FINAL_CLOSE_CODE && code <= LAST_FINAL_CLOSE_CODE;
        end.complete(isFinal ? new End.Refused(sentence) : new End.Lost(sentence, reconnectInMillis));
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        end.complete(new End.Lost("the connection broke: " + error.getMessage(), reconnectInMillis));
    }

    private void take(String message) {
        if (end.isDone()) {
            return;
        }
        try {
            JsonNode json = JSON.readTree(message);
            String type = json.path("type").asText("");
            if (out.wants(type) && (out.raw() || !printedBefore(json))) {
                out.print(message);
            }
            switch (type) {
                case "subscribed" -> {
                    subscribed = true;
                    err.println("rowtide: tailing " + json.path("channel").asText());
                }
                case "error" -> refuse(json);
                case "gap" ->
                    err.println("rowtide: changes of " + json.path("channel").asText() + " may be missing: "
                            + json.path("payload").path("reason").asText());
                case "closing" ->
                    reconnectInMillis = json.path("payload").path("reconnectIn").asLong(0);
                default -> {}
            }
        } catch (JsonProcessingException e) {
            end.complete(
                    new End.Refused("what answers there does not speak Rowtide's protocol: " + e.getOriginalMessage()));
        } catch (IOException e) {
            end.complete(new End.OutputClosed());
        }
    }

    /** A bridge that was restarted may send again what it had sent; the position tells. */
    private boolean printedBefore(JsonNode json) {
        Optional<Position> position =
                Position.parse(json.path("payload").path("position").asText(""));
        if (position.isEmpty() || !json.path("type").asText("").equals("data_change")) {
            return false;
        }
        String channel = json.path("channel").asText();
        Position last = newest.get(channel);
        if (last != null && !position.get().isAfter(last)) {
            return true;
        }
        newest.put(channel, position.get());
        return false;
    }

    private void refuse(JsonNode json) {
        int index = json.path("id").asInt(-1);
        JsonNode payload = json.path("payload");
        String sentence =
                payload.path("code").asText() + ": " + payload.path("message").asText();
        if (index >= 0 && index < channels.size()) {
            end.complete(new End.Refused(channels.get(index) + " is refused, " + sentence));
        } else {
            err.println("rowtide: " + sentence);
        }
    }
}
