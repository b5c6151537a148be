package dev.rowtide.app.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowtide.feed.Position;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection of one user with many subscriptions, on a thread of its own: it connects again whenever it is cut off, cuts itself off now and then, and may read slowly. */
final class Peer implements WebSocket.Listener {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long HEARTBEAT_MILLIS = 500;

    private final HttpClient http;
    private final String address;
    private final List<Subscription> all;
    private final Random random;
    private final boolean restless;
    private final boolean slow;
    private final Thread thread = new Thread(this::run, "peer");
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private final Map<String, Long> again = new HashMap<>();
    private StringBuilder partial = new StringBuilder();
    private @Nullable WebSocket current;
    private @Nullable Position heartbeat;
    private @Nullable String failure;
    private int connections;
    private long nextId;
    private volatile boolean ended;
    private volatile boolean calm;

    Peer(
            ExecutorService threads,
            int port,
            String token,
            List<Subscription> subscriptions,
            Random random,
            boolean restless,
            boolean slow) {
        this.http = HttpClient.newBuilder().executor(threads).build();
        this.address = "ws://127.0.0.1:" + port + "/realtime?token=" + token;
        this.all = subscriptions;
        this.random = random;
        this.restless = restless;
        this.slow = slow;
        subscriptions.forEach(subscription -> this.subscriptions.put(subscription.channel, subscription));
    }

    void start() {
        thread.start();
    }

    /** It stays connected from now on. */
    void calm() {
        calm = true;
    }

    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }

    synchronized boolean isReady() {
        requireRight();
        return current != null && all.stream().allMatch(Subscription::isReady);
    }

    /** Whether everything up to there has come on all its channels. */
    synchronized boolean hasReached(Position position) {
        requireRight();
        return heartbeat != null && !position.isAfter(heartbeat) && isReady();
    }

    synchronized void requireRight() {
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }

    List<Subscription> subscriptions() {
        return all;
    }

    synchronized int connections() {
        return connections;
    }

    private void run() {
        while (!ended) {
            try {
                WebSocket socket = http.newWebSocketBuilder()
                        .buildAsync(URI.create(address), this)
                        .join();
                begin(socket);
                long end = restless
                        ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(5_000))
                        : Long.MAX_VALUE;
                while (!ended && isCurrent(socket) && (calm || System.nanoTime() < end)) {
                    TimeUnit.MILLISECONDS.sleep(HEARTBEAT_MILLIS / 2 + random.nextInt((int) HEARTBEAT_MILLIS));
                    beat(socket);
                }
                cut(socket);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // Nobody listens yet, or the connection broke.
                pause(50);
            }
        }
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isCurrent(WebSocket socket) {
        return current == socket;
    }

    private void begin(WebSocket socket) {
        List<String> messages = new ArrayList<>();
        synchronized (this) {
            current = socket;
            connections++;
            partial = new StringBuilder();
            heartbeat = null;
            again.clear();
            all.forEach(subscription -> messages.add(subscription.subscribe(nextId++)));
        }
        messages.forEach(message -> socket.sendText(message, true).join());
    }

    private void beat(WebSocket socket) {
        List<String> messages = new ArrayList<>();
        synchronized (this) {
            long now = System.nanoTime();
            again.entrySet().removeIf(due -> {
                Subscription subscription = subscriptions.get(due.getKey());
                return due.getValue() <= now && subscription != null && messages.add(subscription.subscribe(nextId++));
            });
        }
        messages.add("{\"type\":\"heartbeat\"}");
        messages.forEach(message -> socket.sendText(message, true).join());
    }

    private void cut(WebSocket socket) {
        synchronized (this) {
            // What is still on its way in belongs to the past.
            current = null;
        }
        socket.abort();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        if (slow) {
            pause(4);
        }
        synchronized (this) {
            if (current == socket || current == null) {
                partial.append(data);
                if (last && current == socket) {
                    take(partial.toString());
                    partial.setLength(0);
                }
            }
        }
        socket.request(1);
        return null;
    }

    private void take(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            JsonNode payload = message.path("payload");
            String channel = message.path("channel").asText();
            Subscription subscription = subscriptions.get(channel);
            switch (message.path("type").asText()) {
                case "heartbeat" -> {
                    Position at =
                            Position.parse(message.path("position").asText()).orElse(null);
                    if (at != null) {
                        heartbeat = at;
                        all.forEach(one -> one.reached(at));
                    }
                }
                case "subscribed" -> known(subscription, text).subscribed(payload);
                case "snapshot" -> known(subscription, text).snapshot(payload);
                case "data_change" -> known(subscription, text).change(payload);
                case "error" -> {
                    if (!payload.path("code").asText().equals("unavailable")) {
                        throw new AssertionError(text);
                    }
                    long wait = TimeUnit.MILLISECONDS.toNanos(
                            Math.max(200, payload.path("retryAfter").asLong()));
                    again.put(channel, System.nanoTime() + wait);
                }
                case "closing" -> {}
                default -> throw new AssertionError(text);
            }
        } catch (Exception | AssertionError e) {
            if (failure == null) {
                failure = e + " at " + text;
            }
        }
    }

    @Override
    public synchronized String toString() {
        return (current == null ? "not connected" : "connected") + ", " + connections + " connections, heartbeat "
                + heartbeat
                + (slow ? ", slow" : "") + ", not ready: "
                + all.stream().filter(one -> !one.isReady()).toList() + ", again " + again;
    }

    private static Subscription known(@Nullable Subscription subscription, String text) {
        if (subscription == null) {
            throw new AssertionError("of a channel that it is not in: " + text);
        }
        return subscription;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        gone(socket);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        gone(socket);
    }

    private synchronized void gone(WebSocket socket) {
        if (current == socket) {
            current = null;
        }
    }
}
