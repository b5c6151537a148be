package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.changed;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.row;
import static dev.rowtide.gateway.TestGateway.truncated;
import static dev.rowtide.gateway.TestGateway.updated;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Row;
import dev.rowtide.gateway.auth.AuthConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No more than the newest state of a row in a while, and always that. The clock is the test's. */
@Timeout(60)
class ConflationTest {
    private final ManualTicker ticker = new ManualTicker();
    private TestGateway server;

    @BeforeEach
    void start() throws Exception {
        server = new TestGateway(TestGateway.config(), ticker);
        server.gateway.sink().reached(at(1, 0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TestClient subscribe(String payload) {
        TestClient client = server.client("ann");
        client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','conflate':250"
                + payload + "}}");
        client.expect("subscribed");
        return client;
    }

    private void pass(long millis) {
        ticker.advance(Duration.ofMillis(millis));
    }

    private static List<String> seen(TestClient client) {
        List<String> seen = new ArrayList<>();
        for (JsonNode message : client.drain()) {
            JsonNode payload = message.path("payload");
            seen.add(payload.path("operation").asText(message.path("type").asText()) + " "
                    + payload.path("id").asText("") + " "
                    + payload.at("/data/title").asText("-"));
        }
        return seen;
    }

    @Test
    void eachRowComesOnceWithItsNewestState() throws Exception {
        try (TestClient client = subscribe("");
                TestClient other = server.client("bob").subscribe("resource:post")) {
            server.publish(updated("post", 1, "a", "b", at(1, 1)), created("post", 2, "x", at(1, 2)));
            server.publish(updated("post", 2, "x", "y", at(2, 1)), updated("post", 1, "b", "c", at(2, 2)));
            server.publish(created("post", 3, "z", at(3, 1)), changed("post", Operation.DELETE, 3, "z", at(3, 2)));
            server.publish(updated("post", 4, "k", "l", at(4, 1)), changed("post", Operation.DELETE, 4, "l", at(4, 2)));
            server.publish(changed("post", Operation.DELETE, 5, "m", at(5, 1)), created("post", 5, "n", at(5, 2)));
            assertThat(other.drain()).hasSize(10);
            assertThat(client.drain()).isEmpty();
            pass(250);
            assertThat(seen(client)).containsExactly("create 2 y", "update 1 c", "delete 4 -", "update 5 n");
            pass(1_000);
            assertThat(client.drain()).isEmpty();
            server.publish(updated("post", 1, "c", "d", at(6, 1)));
            assertThat(client.drain()).isEmpty();
            pass(249);
            assertThat(client.drain()).isEmpty();
            pass(1);
            assertThat(seen(client)).containsExactly("update 1 d");
        }
    }

    @Test
    void aSingleChangeIsAsItWas() throws Exception {
        try (TestClient client = subscribe("")) {
            server.publish(updated("post", 1, "a", "b", at(1, 1)));
            client.drain();
            pass(250);
            JsonNode change = client.expect("data_change").path("payload");
            assertThat(change.at("/old/title").asText()).isEqualTo("a");
            assertThat(change.path("changed").toString()).isEqualTo("[\"title\"]");
        }
    }

    @Test
    void whatTheNewestChangeLeftOutBecauseItHadNotChangedIsNotLost() throws Exception {
        DataChangeEvent first = updated("post", 1, (Row) null, "long", at(1, 1));
        DataChangeEvent second = new DataChangeEvent(
                "post",
                Operation.UPDATE,
                first.id(),
                new Row(TestGateway.SHAPE, new String[] {"1", null}),
                null,
                null,
                at(2, 1),
                first.transaction(),
                0);
        try (TestClient client = subscribe("")) {
            server.publish(first);
            server.publish(second);
            client.drain();
            pass(250);
            JsonNode change = client.expect("data_change").path("payload");
            assertThat(change.path("data")).isEqualTo(TestClient.JSON.readTree("{\"id\":1,\"title\":\"long\"}"));
            assertThat(change.has("unchanged")).isFalse();
        }
    }

    @Test
    void aTruncationComesAtOnceAndBehindWhatWasBefore() throws Exception {
        try (TestClient client = subscribe("")) {
            server.publish(created("post", 1, "a", at(1, 1)));
            server.publish(truncated("post", at(2, 1)));
            server.publish(created("post", 2, "b", at(3, 1)));
            assertThat(seen(client)).containsExactly("create 1 a", "truncate  -");
            pass(250);
            assertThat(seen(client)).containsExactly("create 2 b");
        }
    }

    @Test
    void aHeartbeatDoesNotPassWhatIsHeldBack() throws Exception {
        try (TestClient client = subscribe("")) {
            server.publish(created("post", 1, "a", at(2, 1)));
            server.publish(created("post", 1, "b", at(3, 1)));
            client.drain();
            client.send("{'type':'heartbeat'}");
            assertThat(client.expect("heartbeat").path("position").asText()).isEqualTo(at(2, 0).toString());
            pass(250);
            client.expect("data_change");
            client.send("{'type':'heartbeat'}");
            assertThat(client.expect("heartbeat").path("position").asText()).isEqualTo(at(3, 1).toString());
        }
    }

    @Test
    void whoComesWhileSomethingIsHeldBackGetsOnlyWhatIsNew() throws Exception {
        try (TestClient first = subscribe("")) {
            server.publish(created("post", 1, "a", at(1, 1)));
            first.drain();
            try (TestClient second = subscribe("")) {
                server.publish(updated("post", 1, "a", "b", at(2, 1)));
                JsonNode asItWas = second.expect("data_change").path("payload");
                assertThat(asItWas.path("operation").asText()).isEqualTo("update");
                assertThat(asItWas.at("/data/title").asText()).isEqualTo("b");
                pass(250);
                assertThat(seen(first)).containsExactly("create 1 b");
                assertThat(seen(second)).isEmpty();
                server.publish(updated("post", 1, "b", "c", at(3, 1)));
                assertThat(seen(second)).isEmpty();
                pass(250);
                assertThat(seen(second)).containsExactly("update 1 c");
            }
        }
    }

    @Test
    void subscribingAgainWithoutItLosesNothing() throws Exception {
        try (TestClient client = subscribe("")) {
            server.publish(created("post", 1, "a", at(1, 1)));
            client.drain();
            client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none'}}");
            assertThat(client.expect("data_change").at("/payload/id").asInt()).isEqualTo(1);
            client.expect("subscribed");
            server.publish(created("post", 2, "a", at(2, 1)));
            assertThat(seen(client)).containsExactly("create 2 a");
        }
    }

    @Test
    void lostLogMakesWhatWasHeldBackWorthNothing() throws Exception {
        try (TestClient client = subscribe("")) {
            server.publish(created("post", 1, "a", at(1, 1)));
            server.gateway.sink().sourceLost(GapReason.SOURCE_LOST, at(5, 0));
            assertThat(seen(client)).containsExactly("gap  -");
            pass(250);
            assertThat(client.drain()).isEmpty();
        }
    }

    /** Many rows, a peer that falls behind now and then, other channels beside it: its state is right at the end, and no state of a row is older than one before. */
    @Test
    void aSlowPeerEndsWithTheSameRows() throws Exception {
        GatewayConfig.Limits limits = GatewayConfig.Limits.DEFAULT;
        GatewayConfig small = TestGateway.config(
                new GatewayConfig.Limits(
                        limits.maxMessageBytes(),
                        16 * 1024,
                        limits.stalledAfter(),
                        limits.maxChannelsPerConnection(),
                        limits.maxConnections(),
                        limits.maxConnectionsPerUser(),
                        1_000_000,
                        1_000_000,
                        limits.maxMetadataBytes()),
                AuthConfig.NONE);
        Random random = new Random(3);
        try (TestGateway tight = new TestGateway(small, ticker);
                TestClient client = tight.client("ann")) {
            tight.gateway.sink().reached(at(1, 0));
            client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','conflate':250}}");
            client.expect("subscribed");
            client.subscribe("resource:comment");
            Map<Integer, String> rows = new HashMap<>();
            int commit = 1;
            for (int burst = 0; burst < 40; burst++) {
                for (int i = 0; i < 50; i++) {
                    commit++;
                    int id = random.nextInt(20);
                    String before = rows.get(id);
                    String after = "v" + commit + "x".repeat(random.nextInt(400));
                    if (before == null) {
                        rows.put(id, after);
                        tight.publish(created("post", id, after, at(commit, 1)));
                    } else if (random.nextInt(3) == 0) {
                        rows.remove(id);
                        tight.publish(changed("post", Operation.DELETE, id, before, at(commit, 1)));
                    } else {
                        rows.put(id, after);
                        tight.publish(updated("post", id, row(id, before), after, at(commit, 1)));
                    }
                    tight.publish(created("comment", commit, "c".repeat(random.nextInt(600)), at(commit, 2)));
                }
                pass(random.nextInt(400));
            }
            Map<Integer, String> replica = new HashMap<>();
            int posts = 0;
            for (int i = 0; i < 50 && !replica.equals(rows); i++) {
                for (JsonNode message : client.drain()) {
                    if (message.path("channel").asText().equals("resource:post")) {
                        posts++;
                        JsonNode payload = message.path("payload");
                        int id = payload.path("id").asInt();
                        String operation = payload.path("operation").asText();
                        assertThat(replica.containsKey(id))
                                .as(operation + " of " + id + " at " + payload.path("position"))
                                .isEqualTo(!operation.equals("create"));
                        if (operation.equals("delete")) {
                            replica.remove(id);
                        } else {
                            replica.put(id, payload.at("/data/title").asText());
                        }
                    }
                }
                pass(250);
            }
            assertThat(replica).isEqualTo(rows);
            // One by one while it was behind, which may have been all the time.
            assertThat(posts).isLessThanOrEqualTo(2_000);
            assertThat(tight.gateway.stats().fellBehind()).isPositive();

            pass(250);
            client.drain();
            tight.publish(created("post", 100, "a", at(commit + 1, 1)));
            tight.publish(updated("post", 100, "a", "b", at(commit + 2, 1)));
            client.drain();
            pass(250);
            assertThat(seen(client)).containsExactly("create 100 b");
        }
    }
}
