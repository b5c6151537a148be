package dev.rowtide.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.cdc.Replica;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Replica} of the table {@code item}, by one subscription on a thread of its own. One that does not resume connects again as soon as it is cut off. One that {@linkplain #resuming
 * resumes} is away now and then, asks for what it missed, and must get each change exactly once and in order.
 */
final class ReplicaSubscriber implements WebSocket.Listener {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final int port;
    private final Replica replica;
    private final JsonMapper json = new JsonMapper();
    private final AtomicInteger connections = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "subscriber");
    private final StringBuilder partial = new StringBuilder();
    private volatile @Nullable WebSocket current;
    private @Nullable Random absences;
    private volatile @Nullable Position last;
    private volatile boolean gapExpected;
    private volatile boolean ended;
    private volatile boolean cutOff;

    ReplicaSubscriber(int port, Replica replica) {
        this.port = port;
        this.replica = replica;
    }

    static ReplicaSubscriber resuming(int port, Replica replica, long seed) {
        ReplicaSubscriber subscriber = new ReplicaSubscriber(port, replica);
        subscriber.absences = new Random(seed);
        return subscriber;
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

    /** Whether it knows from where it would resume. */
    boolean isPlaced() {
        return last != null;
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
                current = socket;
                connections.incrementAndGet();
                String since = absences == null || last == null ? "" : "\"since\":\"" + last + "\"";
                socket.sendText(
                                "{\"type\":\"subscribe\",\"channel\":\"resource:item\",\"payload\":{" + since + "}}",
                                true)
                        .join();
                long end = absences == null ? Long.MAX_VALUE : System.nanoTime() + millis(absences.nextInt(4_000));
                while (!cutOff && !ended && System.nanoTime() < end) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                synchronized (this) {
                    // What is still on its way in belongs to the past.
                    current = null;
                }
                socket.abort();
                if (absences != null && !ended) {
                    TimeUnit.MILLISECONDS.sleep(absences.nextInt(1_000));
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // Nobody listens yet.
            }
        }
    }

    private static long millis(int millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isEnd) {
        WebSocket now = current;
        if (now == null || now == socket) {
            partial.append(data);
            if (isEnd) {
                take(partial.toString());
                partial.setLength(0);
            }
        }
        socket.request(1);
        return null;
    }

    /** Whoever resumes gets what follows what it has, and nothing else. */
    private void note(JsonNode payload) {
        Position position = Position.parse(payload.path("position").asText()).orElse(null);
        Position before = last;
        if (absences != null && before != null && position != null && !position.isAfter(before)) {
            replica.contradict(position + " came after " + before);
        }
        last = position == null ? before : position;
    }

    private void take(String text) {
        try {
            JsonNode message = json.readTree(text);
            JsonNode payload = message.path("payload");
            switch (message.path("type").asText()) {
                case "subscribed" -> {
                    if (absences != null && last == null) {
                        note(payload);
                    }
                }
                case "data_change" -> {
                    note(payload);
                    replica.apply(
                            Position.parse(payload.path("position").asText()).orElseThrow(),
                            payload.path("id").asInt(),
                            payload.path("operation").asText().equals("delete")
                                    ? null
                                    : payload.path("data").path("body").asText());
                }
                case "gap", "error" -> {
                    if (!(gapExpected && text.contains("epoch_changed"))) {
                        replica.contradict(text);
                    }
                }
                default -> {
                    // presence
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
