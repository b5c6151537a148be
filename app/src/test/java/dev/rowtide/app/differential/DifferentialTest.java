package dev.rowtide.app.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.app.cli.RowtideProcess;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What each of hundreds of subscribers has at the end equals what the database answers under the same filter and policy; along the way nothing comes that it may not see, no row is created twice, and none is changed that it does
 * not have. Meanwhile several connections write, clients are cut off and come back, the bridge is killed, and the database is restarted.
 */
abstract class DifferentialTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PEERS = Integer.getInteger("rowtide.peers", 48);
    private static final int RECORDS_EACH = 14;
    private static final int KILLS = Integer.getInteger("rowtide.kills", 3);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("rowtide.seed", 1);
    private final Random random = new Random(seed);
    private final int port = freePort();

    /** An empty database in {@code folder}. */
    abstract Store open(Path folder) throws Exception;

    /** One user of the configuration, and what it may see of the items. */
    private record User(String token, Condition policy) {}

    private static final List<User> USERS = List.of(
            new User("admin-token", Condition.ALL),
            new User("ann-token", Condition.equal("owner", "ann").or(Condition.equal("status", "public"))),
            new User(
                    "bob-token",
                    Condition.equal("owner", "bob")
                            .or(Condition.equal("status", "public"))
                            .or(Condition.compare("priority", "gte", ">=", 7))),
            new User(
                    "oneill-token",
                    Condition.equal("owner", "o'neill")
                            .or(Condition.equal("status", "public"))
                            .or(Condition.in("owner", List.of("cid", "ann")))));

    private static final String CONFIG = """
            database: %s
            port: %d
            data-dir: data
            resources:
              item:
                table: item
                exclude-columns: [secret]
                read:
                  - roles: [admin]
                  - where: {owner: {eq: $user.id}}
                  - where: {status: public}
                  - roles: [lead]
                    where: {priority: {gte: 7}}
                  - where: {owner: {in: $user.friends}}
              note:
                table: note
              marker:
                table: marker
            auth:
              mode: tokens
              tokens:
                - {token: admin-token, user-id: root, roles: [admin]}
                - {token: ann-token, user-id: ann}
                - {token: bob-token, user-id: bob, roles: [lead]}
                - {token: oneill-token, user-id: "o'neill", claims: {friends: [cid, ann]}}
            """;

    @Test
    void eachSubscriberHasWhatTheDatabaseAnswers() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Peer> peers = new ArrayList<>();
        try (Store store = open(folder)) {
            Files.writeString(folder.resolve("rowtide.yaml"), CONFIG.formatted(store.url(), port));
            RowtideProcess bridge = serve();
            Writers writers = new Writers(store, random.nextLong());
            try {
                awaitReady();
                for (int i = 0; i < PEERS; i++) {
                    peers.add(peer(threads, i));
                }
                writers.start();
                peers.forEach(Peer::start);
                for (int kill = 0; kill < KILLS; kill++) {
                    live(writers);
                    bridge.close();
                    if (kill == 1) {
                        store.restart();
                    }
                    bridge = serve();
                }
                live(writers);
                store.restart();
                live(writers);
                writers.stop();
                awaitReady();
                peers.forEach(Peer::calm);
                Position end = mark(store);
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(peers)
                                .as("seed " + seed)
                                .allSatisfy(
                                        peer -> assertThat(peer.hasReached(end)).isTrue()));
                compare(store, peers);
            } finally {
                writers.stop();
                for (Peer peer : peers) {
                    peer.end();
                }
                bridge.close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Lets them write and read for a while, with the bridge up. */
    private void live(Writers writers) throws InterruptedException {
        awaitReady();
        int seen = writers.commits();
        TimeUnit.MILLISECONDS.sleep(4_000 + random.nextInt(4_000));
        await().atMost(PATIENCE).until(() -> writers.commits() > seen + 100);
    }

    private Peer peer(ExecutorService threads, int number) {
        User user = USERS.get(number % USERS.size());
        List<Subscription> subscriptions = new ArrayList<>();
        boolean resumes = random.nextInt(4) > 0;
        subscriptions.add(new Subscription("item", null, user.policy(), filter(), columns(), resumes));
        subscriptions.add(new Subscription("note", null, Condition.ALL, Condition.ALL, List.of(), resumes));
        int first = random.nextInt(Writers.ITEMS);
        for (int i = 0; i < RECORDS_EACH; i++) {
            String id = Integer.toString((first + i * 7) % Writers.ITEMS);
            subscriptions.add(new Subscription("item", id, user.policy(), filter(), columns(), resumes));
        }
        return new Peer(
                threads,
                port,
                user.token(),
                subscriptions,
                new Random(random.nextLong()),
                number % 3 > 0,
                number % 15 == 0);
    }

    private Condition filter() {
        return random.nextInt(4) == 0 ? Condition.ALL : Condition.random(random, 2);
    }

    private List<String> columns() {
        return random.nextInt(3) == 0 ? List.of("id", "title") : List.of();
    }

    /** Commits something behind everything else, and returns where that is in the log. */
    private Position mark(Store store) throws Exception {
        CompletableFuture<Position> reached = new CompletableFuture<>();
        CompletableFuture<Void> subscribed = new CompletableFuture<>();
        StringBuilder text = new StringBuilder();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + port + "/realtime?token=ann-token"), new WebSocket.Listener() {
                            @Override
                            public @Nullable CompletionStage<?> onText(
                                    WebSocket from, CharSequence data, boolean last) {
                                text.append(data);
                                if (last) {
                                    if (text.indexOf("\"subscribed\"") >= 0) {
                                        subscribed.complete(null);
                                    } else if (text.indexOf("\"data_change\"") >= 0) {
                                        try {
                                            reached.complete(Position.parse(JSON.readTree(text.toString())
                                                            .at("/payload/position")
                                                            .asText())
                                                    .orElseThrow());
                                        } catch (IOException e) {
                                            reached.completeExceptionally(e);
                                        }
                                    }
                                    text.setLength(0);
                                }
                                from.request(1);
                                return null;
                            }
                        })
                .join();
        socket.sendText("{\"type\":\"subscribe\",\"channel\":\"resource:marker\"}", true)
                .join();
        subscribed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO marker VALUES (1)");
        }
        Position position = reached.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        socket.abort();
        return position;
    }

    private void compare(Store store, List<Peer> peers) throws SQLException {
        int subscriptions = 0;
        int changes = 0;
        int connections = 0;
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement()) {
            for (Peer peer : peers) {
                connections += peer.connections();
                for (Subscription subscription : peer.subscriptions()) {
                    subscriptions++;
                    changes += subscription.changes();
                    assertThat(subscription.rows())
                            .as("seed " + seed + ", " + subscription)
                            .isEqualTo(answer(statement, subscription));
                }
            }
        }
        System.out.println(getClass().getSimpleName() + ": " + subscriptions + " subscriptions, " + changes
                + " changes, " + connections + " connections");
        assertThat(changes).isGreaterThan(2_000);
    }

    private static Map<String, JsonNode> answer(Statement statement, Subscription subscription) throws SQLException {
        Map<String, JsonNode> rows = new TreeMap<>();
        try (ResultSet result = statement.executeQuery(subscription.select())) {
            while (result.next()) {
                ObjectNode row = JSON.createObjectNode();
                List<String> columns = subscription.shownColumns();
                for (int i = 0; i < columns.size(); i++) {
                    Object value = result.getObject(i + 2);
                    if (value instanceof Number number) {
                        row.put(columns.get(i), number.intValue());
                    } else {
                        row.put(columns.get(i), (String) value);
                    }
                }
                rows.put(result.getString(1), row);
            }
        }
        return rows;
    }

    private RowtideProcess serve() throws IOException {
        return RowtideProcess.java(folder, Map.of(), "serve", "--config", "rowtide.yaml");
    }

    private void awaitReady() {
        HttpClient http = HttpClient.newHttpClient();
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200;
        });
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
