package dev.rowtide.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The JDK's WebSocket client, which is not our code: sends text, and keeps what arrives. */
final class TestClient implements WebSocket.Listener, AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long WAIT_SECONDS = 10;

    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    private TestClient(URI uri) {
        this.socket = HTTP.newWebSocketBuilder().buildAsync(uri, this).join();
    }

    static TestClient connect(int port, String query) {
        return new TestClient(URI.create("ws://127.0.0.1:" + port + "/realtime" + query));
    }

    /** Single quotes stand for double ones. */
    TestClient send(String json) {
        socket.sendText(json.replace('\'', '"'), true).join();
        return this;
    }

    WebSocket socket() {
        return socket;
    }

    TestClient subscribe(String channel) {
        send("{'type':'subscribe','channel':'" + channel + "','payload':{'presence':'none'}}");
        expect("subscribed");
        return this;
    }

    /** The next message, which must be of this type. */
    JsonNode expect(String type) {
        JsonNode message = next();
        if (!message.path("type").asText().equals(type)) {
            throw new AssertionError("expected " + type + ", got " + message);
        }
        return message;
    }

    JsonNode next() {
        try {
            JsonNode message = received.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("nothing within " + WAIT_SECONDS + " s");
            }
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** All that came of what was said, or published, before. */
    List<JsonNode> drain() {
        List<JsonNode> messages = new ArrayList<>();
        // Twice: a cycle may answer before it takes what was published before the question, but then it takes that.
        for (int i = 0; i < 2; i++) {
            send("{'type':'heartbeat','id':'drain'}");
            JsonNode message;
            while (!(message = next()).path("id").asText().equals("drain")) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** The next {@code count} messages. */
    List<JsonNode> next(int count) {
        List<JsonNode> messages = new ArrayList<>(count);
        while (messages.size() < count) {
            messages.add(next());
        }
        return messages;
    }

    int closeCode() {
        try {
            return closed.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("not closed", e);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                received.add(JSON.readTree(partial.toString()));
            } catch (JsonProcessingException e) {
                received.add(JSON.createObjectNode().put("type", "not JSON: " + partial));
            }
            partial.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed.complete(statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(1006);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
