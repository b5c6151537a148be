package dev.rowtide.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket client, as an application would use it: tells when each row's change has been received as a whole text. */
final class MeasuredSubscriber implements WebSocket.Listener, AutoCloseable {
    private static final String ID = "\"data\":{\"id\":";
    private static final long PATIENCE_SECONDS = 20;

    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<String> firstMessage = new CompletableFuture<>();
    private final Listener listener;
    private @Nullable WebSocket socket;

    /** Called on the client's thread. */
    interface Listener {
        void received(long id, long nanos);
    }

    private MeasuredSubscriber(Listener listener) {
        this.listener = listener;
    }

    /** Subscribed when this returns. */
    static MeasuredSubscriber connect(int port, String channel, Listener listener) throws Exception {
        MeasuredSubscriber subscriber = new MeasuredSubscriber(listener);
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/realtime?userId=measured"), subscriber)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        subscriber.socket = socket;
        socket.sendText(
                        "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\",\"payload\":{\"presence\":\"none\"}}",
                        true)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String answer = subscriber.firstMessage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!answer.contains("\"subscribed\"")) {
            throw new IllegalStateException("not subscribed: " + answer);
        }
        return subscriber;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            long nanos = System.nanoTime();
            int at = text.indexOf(ID);
            if (at >= 0) {
                listener.received(number(at + ID.length()), nanos);
            } else {
                firstMessage.complete(text.toString());
            }
            text.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    private long number(int from) {
        long value = 0;
        for (int i = from; Character.isDigit(text.charAt(i)); i++) {
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }

    @Override
    public void close() {
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }
}
