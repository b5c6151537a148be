package dev.rowtide.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that is not our own code: the JDK's. */
final class TestClient implements WebSocket.Listener, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    static TestClient connect(int port) {
        return connect(port, "");
    }

    /** @param query for example {@code ?token=T} */
    static TestClient connect(int port, String query) {
        TestClient client = new TestClient();
        client.socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/realtime" + query), client)
                .join();
        return client;
    }

    /** The answer to a GET on the same port. */
    static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    void send(String json) {
        socket.sendText(json, true).join();
    }

    void subscribe(String channel) throws InterruptedException {
        send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");
        next("subscribed");
    }

    /** The next message of that type; others are passed over. */
    JsonNode next(String type) throws InterruptedException {
        while (true) {
            JsonNode message = received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no " + type + " came within " + PATIENCE);
            }
            if (message.path("type").asText().equals(type)) {
                return message;
            }
        }
    }

    /** The code with which the server closes the connection. */
    Integer closeCode() throws InterruptedException {
        return closed.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                received.add(JSON.readTree(partial.toString()));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.add(code);
        return null;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
