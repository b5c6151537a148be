package dev.rowtide.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.cdc.Replica;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@link Replica} of the table {@code item}, by one subscription on a thread of its own, which connects again as soon as it is cut off. */
final class ReplicaSubscriber implements WebSocket.Listener {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final int port;
    private final Replica replica;
    private final JsonMapper json = new JsonMapper();
    private final AtomicInteger connections = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "subscriber");
    private final StringBuilder partial = new StringBuilder();
    private volatile boolean gapExpected;
    private volatile boolean ended;
    private volatile boolean cutOff;

    ReplicaSubscriber(int port, Replica replica) {
        this.port = port;
        this.replica = replica;
    }

    void start() {
        thread.start();
    }

    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }

    /** A first copy may be made while it is subscribed, which is told by a gap. */
    void expectFirstCopy(boolean expected) {
        gapExpected = expected;
    }

    int connections() {
        return connections.get();
    }

    private void run() {
        while (!ended) {
            try {
                cutOff = false;
                partial.setLength(0);
                WebSocket socket = HTTP.newWebSocketBuilder()
                        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/realtime"), this)
                        .join();
                connections.incrementAndGet();
                socket.sendText("{\"type\":\"subscribe\",\"channel\":\"resource:item\"}", true)
                        .join();
                while (!cutOff && !ended) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                socket.abort();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // Nobody listens yet.
            }
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            take(partial.toString());
            partial.setLength(0);
        }
        socket.request(1);
        return null;
    }

    private void take(String text) {
        try {
            JsonNode message = json.readTree(text);
            JsonNode payload = message.path("payload");
            switch (message.path("type").asText()) {
                case "data_change" ->
                    replica.apply(
                            Position.parse(payload.path("position").asText()).orElseThrow(),
                            payload.path("id").asInt(),
                            payload.path("operation").asText().equals("delete")
                                    ? null
                                    : payload.path("data").path("body").asText());
                case "gap", "error" -> {
                    if (!(gapExpected && text.contains("epoch_changed"))) {
                        replica.contradict(text);
                    }
                }
                default -> {
                    // subscribed, presence
                }
            }
        } catch (IOException e) {
            replica.contradict("not JSON: " + text);
        }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        cutOff = true;
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        cutOff = true;
    }
}
