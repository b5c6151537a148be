package dev.rowtide.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broadcast, presence and subscriptions, from socket to socket. */
class ConversationTest {
    private TestGateway server;

    @BeforeEach
    void start() throws Exception {
        server = new TestGateway();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "false", "''", "null", "{'a':[1,2.50]}", "12345678901234567890.10", "'\\u0041'"})
    void aBroadcastReachesTheOthersExactlyAsItWasGiven(String payload) throws Exception {
        try (RawPeer receiver = new RawPeer(server.gateway.port());
                TestClient sender = server.client("bob").subscribe("lobby")) {
            receiver.sendText("{'type':'subscribe','channel':'lobby','payload':{'presence':'none'}}");
            receiver.readText();
            sender.send("{'type':'broadcast','channel':'lobby','payload':" + payload + ",'id':9}");
            assertThat(receiver.readText())
                    .startsWith("{\"type\":\"broadcast\",\"channel\":\"lobby\",\"payload\":"
                            + payload.replace('\'', '"') + ",\"userId\":\"bob\",\"timestamp\":");
            assertThat(sender.expect("ack").path("id").asInt()).isEqualTo(9);
            assertThat(sender.drain()).isEmpty();
        }
    }

    @Test
    void theSenderGetsItsOwnBroadcastOnlyIfItAsks() {
        try (TestClient client = server.client("bob").subscribe("lobby")) {
            client.send("{'type':'broadcast','channel':'lobby','payload':1,'self':true}");
            assertThat(client.expect("broadcast").path("payload").asInt()).isEqualTo(1);
            client.send("{'type':'broadcast','channel':'lobby','payload':2}");
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void whoUnsubscribedGetsNothingMore() throws Exception {
        try (TestClient client = server.client("a").subscribe("lobby").subscribe("hall");
                TestClient sender = server.client("b")) {
            client.send("{'type':'unsubscribe','channel':'lobby','id':8}");
            assertThat(client.expect("unsubscribed").path("id").asInt()).isEqualTo(8);
            sender.send("{'type':'broadcast','channel':'lobby','payload':1,'id':1}");
            sender.expect("ack");
            sender.send("{'type':'broadcast','channel':'hall','payload':2,'id':1}");
            sender.expect("ack");
            assertThat(client.expect("broadcast").path("channel").asText()).isEqualTo("hall");
            // Twice is no error: what it wants is so.
            client.send("{'type':'unsubscribe','channel':'lobby'}");
            client.expect("unsubscribed");
        }
    }

    @Test
    void aChannelThatNobodyIsInIsForgotten() {
        try (TestClient client = server.client("a")) {
            client.send("{'type':'subscribe','channel':'room:1'}");
            client.send("{'type':'subscribe','channel':'lobby'}");
            client.next(4);
            await().until(() -> server.gateway.stats().channels() == 2);
            assertThat(server.gateway.stats().subscriptions()).isEqualTo(2);
            client.send("{'type':'unsubscribe','channel':'room:1'}");
            client.send("{'type':'unsubscribe','channel':'lobby'}");
            await().until(() -> server.gateway.stats().channels() == 0);
            assertThat(server.gateway.stats().subscriptions()).isZero();
        }
        await().until(() -> server.gateway.stats().connections() == 0);
    }

    @Test
    void joinersAndWhoIsThereSeeEachOther() {
        try (TestClient ann = server.client("ann")) {
            ann.send("{'type':'subscribe','channel':'doc:1','id':1,'payload':{'metadata':{'color':'red'}}}");
            JsonNode subscribed = ann.expect("subscribed");
            assertThat(subscribed.at("/payload/onlineCount").asInt()).isEqualTo(1);
            assertThat(subscribed.at("/payload/onlineUsers").toString())
                    .isEqualTo("[{\"userId\":\"ann\",\"metadata\":{\"color\":\"red\"}}]");
            JsonNode own = ann.expect("presence_update");
            assertThat(own.at("/payload/action").asText()).isEqualTo("join");
            assertThat(own.path("channel").asText()).isEqualTo("doc:1");

            try (TestClient bob = server.client("bob")) {
                bob.send("{'type':'subscribe','channel':'doc:1'}");
                assertThat(bob.expect("subscribed").at("/payload/onlineCount").asInt())
                        .isEqualTo(2);
                JsonNode joined = ann.expect("presence_update");
                assertThat(joined.at("/payload/userId").asText()).isEqualTo("bob");
                assertThat(joined.at("/payload/onlineUsers")).hasSize(2);
                assertThat(bob.expect("presence_update").at("/payload/onlineUsers"))
                        .hasSize(2);

                bob.send("{'type':'presence_update','channel':'doc:1','id':10,'payload':{'metadata':{'cursor':17}}}");
                bob.expect("ack");
                JsonNode update = ann.expect("presence_update");
                assertThat(update.at("/payload/action").asText()).isEqualTo("update");
                assertThat(update.at("/payload/metadata/cursor").asInt()).isEqualTo(17);

                bob.send("{'type':'unsubscribe','channel':'doc:1'}");
                JsonNode left = ann.expect("presence_update");
                assertThat(left.at("/payload/action").asText()).isEqualTo("leave");
                assertThat(left.at("/payload/onlineUsers")).hasSize(1);
                assertThat(left.at("/payload/onlineCount").asInt()).isEqualTo(1);
            }
        }
    }

    @Test
    void aSecondTabIsTheSameUserAndIsToldWhoIsThere() {
        try (TestClient first = server.client("ann");
                TestClient second = server.client("ann")) {
            first.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            second.send("{'type':'subscribe','channel':'doc:1'}");
            assertThat(second.expect("subscribed").at("/payload/onlineCount").asInt())
                    .isEqualTo(1);
            assertThat(second.expect("presence_update").at("/payload/onlineUsers"))
                    .hasSize(1);
            assertThat(first.drain()).isEmpty();
            second.send("{'type':'unsubscribe','channel':'doc:1'}").expect("unsubscribed");
            assertThat(first.drain()).isEmpty();
        }
    }

    @Test
    void diffModeGetsTheListOnceAndThenWhatChanges() {
        try (TestClient ann = server.client("ann");
                TestClient bob = server.client("bob")) {
            ann.send("{'type':'subscribe','channel':'doc:1','payload':{'presence':'diff'}}");
            assertThat(ann.expect("subscribed").at("/payload/onlineUsers")).hasSize(1);
            assertThat(ann.expect("presence_diff").at("/payload/join/0/userId").asText())
                    .isEqualTo("ann");
            bob.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            JsonNode diff = ann.expect("presence_diff");
            assertThat(diff.at("/payload/join/0/userId").asText()).isEqualTo("bob");
            assertThat(diff.at("/payload/leave")).isEmpty();
            assertThat(diff.at("/payload/onlineCount").asInt()).isEqualTo(2);
        }
    }

    @Test
    void presenceCanBeTurnedOff() throws Exception {
        GatewayConfig on = TestGateway.config();
        GatewayConfig off = new GatewayConfig(
                on.host(),
                on.port(),
                on.path(),
                on.heartbeatInterval(),
                on.auth(),
                on.policies(),
                new GatewayConfig.Presence(false, java.time.Duration.ZERO, 100),
                on.limits(),
                on.history());
        try (TestGateway quiet = new TestGateway(off);
                TestClient client = quiet.client("ann")) {
            client.send("{'type':'subscribe','channel':'doc:1'}");
            assertThat(client.expect("subscribed").at("/payload").has("onlineUsers"))
                    .isFalse();
            client.send("{'type':'presence_update','channel':'doc:1','payload':{'metadata':{}}}");
            assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("unavailable");
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void aGoodbyeIsALeaveAtOnceAndAReloadIsNot() {
        try (TestClient ann = server.client("ann")) {
            ann.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            TestClient bob = server.client("bob");
            bob.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            assertThat(ann.expect("presence_update").at("/payload/action").asText())
                    .isEqualTo("join");
            bob.socket().sendClose(1001, "").join();
            await().until(() -> server.gateway.stats().subscriptions() == 1);
            assertThat(ann.drain()).isEmpty();
            bob = server.client("bob");
            bob.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            bob.socket().sendClose(1000, "").join();
            assertThat(bob.closeCode()).isEqualTo(1000);
            // Who came back within the grace period is waited for no more: this time it is meant.
            JsonNode left = ann.expect("presence_update");
            assertThat(left.at("/payload/action").asText()).isEqualTo("leave");
            assertThat(left.at("/payload/onlineUsers")).hasSize(1);
        }
    }

    @Test
    void restSeesTheHub() throws Exception {
        java.net.http.HttpClient http = java.net.http.HttpClient.newHttpClient();
        String base = "http://127.0.0.1:" + server.gateway.port() + "/realtime";
        try (TestClient ann = server.client("ann")) {
            ann.send("{'type':'subscribe','channel':'lobby'}").next(2);
            JsonNode stats = TestClient.JSON.readTree(http.send(
                            java.net.http.HttpRequest.newBuilder(java.net.URI.create(base + "/stats"))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body());
            assertThat(stats.path("connected").asInt()).isEqualTo(1);
            assertThat(stats.at("/channels/0/name").asText()).isEqualTo("lobby");
            assertThat(stats.at("/channels/0/clients").asInt()).isEqualTo(1);
            JsonNode sent = TestClient.JSON.readTree(http.send(
                            java.net.http.HttpRequest.newBuilder(java.net.URI.create(base + "/broadcast"))
                                    .header("Content-Type", "application/json")
                                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                                            "{\"channel\":\"lobby\",\"payload\":0}"))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body());
            assertThat(sent.path("clients").asInt()).isEqualTo(1);
            assertThat(ann.expect("broadcast").path("payload").toString()).isEqualTo("0");
        }
    }

    @Test
    void aCrowdThatJoinsAtOnceIsToldInFewMessages() {
        try (TestClient watcher = server.client("watcher")) {
            watcher.send("{'type':'subscribe','channel':'hall'}").next(2);
            List<TestClient> crowd = java.util.stream.IntStream.range(0, 60)
                    .mapToObj(i -> server.client("user" + i))
                    .toList();
            crowd.forEach(client -> client.send("{'type':'subscribe','channel':'hall'}"));
            int messages = 0;
            JsonNode last;
            do {
                last = watcher.expect("presence_update");
                messages++;
            } while (last.at("/payload/onlineCount").asInt() < 61);
            assertThat(last.at("/payload/onlineUsers")).hasSize(61);
            assertThat(messages).isLessThan(60);
            crowd.forEach(TestClient::close);
        }
    }

    @Test
    void anUncleanEndIsNoLeaveUntilTheGraceIsOver() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (TestGateway slow = new TestGateway(TestGateway.config(), ticker);
                TestClient ann = slow.client("ann")) {
            ann.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            ticker.advanceSeconds(1);
            TestClient bob = slow.client("bob");
            bob.send("{'type':'subscribe','channel':'doc:1'}").next(2);
            ann.expect("presence_update");
            ticker.advanceSeconds(1);
            bob.close();
            await().until(() -> slow.gateway.stats().subscriptions() == 1);
            ticker.advanceSeconds(2);
            assertThat(ann.drain()).isEmpty();
            // The same user comes back, as after a reload: nobody is told.
            try (TestClient again = slow.client("bob")) {
                again.send("{'type':'subscribe','channel':'doc:1'}").next(2);
                ticker.advanceSeconds(5);
                assertThat(ann.drain()).isEmpty();
            }
            await().until(() -> slow.gateway.stats().subscriptions() == 1);
            assertThat(ann.drain()).isEmpty();
            ticker.advanceSeconds(4);
            ann.send("{'type':'heartbeat'}");
            List<JsonNode> told = ann.next(2);
            assertThat(told)
                    .anySatisfy(
                            m -> assertThat(m.at("/payload/action").asText()).isEqualTo("leave"));
        }
    }
}
