package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.AuthConfig.Action;
import dev.rowtide.gateway.auth.AuthConfig.ChannelRule;
import dev.rowtide.gateway.auth.AuthConfig.Token;
import dev.rowtide.gateway.auth.Identity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** How connections begin, stay alive, reach limits and end. */
class LifecycleTest {

    private static GatewayConfig.Limits limits(int channels, int connections, int perUser, int perSecond, int burst) {
        GatewayConfig.Limits d = GatewayConfig.Limits.DEFAULT;
        return new GatewayConfig.Limits(
                d.maxMessageBytes(),
                d.maxOutboxBytes(),
                d.stalledAfter(),
                channels,
                connections,
                perUser,
                perSecond,
                burst,
                100);
    }

    private static Token token(String token, String user, long expiresAt, String... roles) {
        return new Token(token, new Identity(user, null, Set.of(roles), Map.of(), false, expiresAt));
    }

    private static AuthConfig tokens(List<ChannelRule> rules, Token... tokens) {
        return new AuthConfig(
                AuthConfig.Mode.TOKENS, false, Set.of(), Set.of(), List.of(tokens), null, Map.of(), rules);
    }

    @Test
    void aSilentPeerIsPingedAndThenClosed() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (TestGateway server = new TestGateway(TestGateway.config(), ticker);
                RawPeer silent = new RawPeer(server.gateway.port());
                TestClient talking = server.client("talking")) {
            await().until(() -> server.gateway.stats().connections() == 2);
            talking.drain();
            for (int second = 0; second < 33; second++) {
                ticker.advanceSeconds(1);
                talking.drain();
            }
            assertThat(server.gateway.stats().connections()).isEqualTo(2);
            ticker.advanceSeconds(2);
            talking.drain();
            assertThat(silent.readToClose()).isEqualTo(4012);
            assertThat(silent.pings).isEqualTo(1);
            assertThat(server.gateway.stats().connections()).isBetween(1, 2);
            assertThat(talking.drain()).isEmpty();
        }
    }

    /** What it was sent may lie in its machine for a while: 2.5 MB are 20 s at 1 Mbit/s. */
    @Test
    void aPongMayTakeAsLongAsASlowPeerNeedsForWhatItWasSent() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (TestGateway server = new TestGateway(TestGateway.config(), ticker);
                RawPeer peer = new RawPeer(server.gateway.port());
                TestClient talking = server.client("talking")) {
            peer.sendText("{\"type\":\"subscribe\",\"channel\":\"resource:post\",\"payload\":{\"presence\":\"none\"}}");
            assertThat(peer.readText()).contains("subscribed");
            talking.drain();
            ticker.advanceSeconds(1);
            talking.drain();
            for (int i = 1; i <= 25; i++) {
                server.publish(created("post", i, "x".repeat(100_000), at(i, 1)));
            }
            for (int i = 0; i < 25; i++) {
                peer.readText();
            }
            for (int second = 0; second < 45; second++) {
                ticker.advanceSeconds(1);
                talking.drain();
            }
            assertThat(server.gateway.stats().connections()).isEqualTo(2);
            for (int second = 0; second < 15; second++) {
                ticker.advanceSeconds(1);
                talking.drain();
            }
            assertThat(peer.readToClose()).isEqualTo(4012);
        }
    }

    @Test
    void aProcessThatWasStoppedDoesNotTakeItsPeersForSilent() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (TestGateway server = new TestGateway(TestGateway.config(), ticker);
                RawPeer peer = new RawPeer(server.gateway.port());
                TestClient talking = server.client("talking")) {
            await().until(() -> server.gateway.stats().connections() == 2);
            talking.drain();
            ticker.advanceSeconds(60);
            talking.drain();
            ticker.advanceSeconds(2);
            talking.drain();
            talking.drain();
            assertThat(server.gateway.stats().connections()).isEqualTo(2);
            for (int second = 0; second < 36; second++) {
                ticker.advanceSeconds(1);
                talking.drain();
            }
            assertThat(peer.readToClose()).isEqualTo(4012);
        }
    }

    @Test
    void anExpiredCredentialIsSaidAndThenClosed() throws Exception {
        ManualTicker ticker = new ManualTicker();
        AuthConfig auth = tokens(List.of(), token("t-ann-00000000000000", "ann", ticker.millis() + 5_000));
        try (TestGateway server = new TestGateway(TestGateway.config(GatewayConfig.Limits.DEFAULT, auth), ticker);
                TestClient ann = TestClient.connect(server.gateway.port(), "?token=t-ann-00000000000000")) {
            ann.subscribe("lobby");
            ticker.advanceSeconds(6);
            // Makes the server look at its clock, which it may have done already.
            ann.send("{'type':'heartbeat'}");
            JsonNode message = ann.next();
            JsonNode error = message.path("type").asText().equals("heartbeat") ? ann.next() : message;
            assertThat(error.at("/payload/code").asText()).isEqualTo("token_expired");
            assertThat(ann.closeCode()).isEqualTo(4010);
        }
    }

    @Test
    void authReplacesTheCredentialOfTheSameUserAndTakesRightsAway() throws Exception {
        AuthConfig auth = tokens(
                List.of(
                        new ChannelRule("secret", Set.of("staff"), Set.of(Action.SUBSCRIBE)),
                        new ChannelRule(
                                "lobby", Set.of(), Set.of(Action.SUBSCRIBE, Action.BROADCAST, Action.PRESENCE))),
                token("t-staff-000000000000", "ann", 0, "staff"),
                token("t-plain-000000000000", "ann", 0),
                token("t-bob-00000000000000", "bob", 0));
        try (TestGateway server = new TestGateway(TestGateway.config(GatewayConfig.Limits.DEFAULT, auth));
                TestClient ann = TestClient.connect(server.gateway.port(), "?token=t-staff-000000000000")) {
            ann.subscribe("lobby").subscribe("secret");
            ann.send("{'type':'broadcast','channel':'secret','payload':1,'id':1}");
            assertThat(ann.expect("error").at("/payload/code").asText()).isEqualTo("forbidden");
            ann.send("{'type':'auth','id':2,'payload':{'token':'t-bob-00000000000000'}}");
            assertThat(ann.expect("error").at("/payload/code").asText()).isEqualTo("forbidden");
            ann.send("{'type':'auth','id':3,'payload':{'token':'wrong'}}");
            assertThat(ann.expect("error").at("/payload/code").asText()).isEqualTo("unauthorized");
            ann.send("{'type':'auth','id':4,'payload':{'token':'t-plain-000000000000'}}");
            JsonNode lost = ann.expect("error");
            assertThat(lost.path("channel").asText()).isEqualTo("secret");
            assertThat(ann.expect("ack").path("id").asInt()).isEqualTo(4);
            assertThat(server.gateway.stats().subscriptions()).isEqualTo(1);
            ann.send("{'type':'subscribe','channel':'secret'}");
            assertThat(ann.expect("error").at("/payload/code").asText()).isEqualTo("forbidden");
        }
    }

    @Test
    void channelsAndMetadataAreLimited() throws Exception {
        try (TestGateway server = new TestGateway(TestGateway.config(limits(2, 10, 10, 100, 100)));
                TestClient client = server.client("a")) {
            client.subscribe("one").subscribe("two").subscribe("two");
            client.send("{'type':'subscribe','channel':'three','id':3}");
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("limit_reached");
            assertThat(error.path("id").asInt()).isEqualTo(3);
            client.send("{'type':'subscribe','channel':'two','payload':{'metadata':{'a':'" + "x".repeat(100) + "'}}}");
            assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("too_large");
        }
    }

    @Test
    void aFloodIsRefusedAndThenClosed() throws Exception {
        try (TestGateway server = new TestGateway(TestGateway.config(limits(10, 10, 10, 1, 5)));
                TestClient client = server.client("a");
                TestClient other = server.client("b")) {
            for (int i = 0; i < 5; i++) {
                client.send("{'type':'heartbeat','id':" + i + "}").expect("heartbeat");
            }
            client.send("{'type':'heartbeat','id':6}");
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("rate_limited");
            assertThat(error.path("id").asInt()).isEqualTo(6);
            assertThat(error.at("/payload/retryAfter").asInt()).isBetween(1, 1_000);
            for (int i = 0; i < 20; i++) {
                client.socket().sendText("{\"type\":\"heartbeat\"}", true);
            }
            assertThat(client.closeCode()).isEqualTo(4029);
            other.send("{'type':'heartbeat'}").expect("heartbeat");
        }
    }

    @Test
    void oneConnectionTooManyIsRefusedAtTheUpgrade() throws Exception {
        try (TestGateway server = new TestGateway(TestGateway.config(limits(10, 3, 2, 100, 100)))) {
            TestClient first = server.client("a");
            TestClient second = server.client("a");
            await().until(() -> server.gateway.stats().connections() == 2);
            assertThat(refusal(server, "a")).isEqualTo(429);
            TestClient third = server.client("b");
            await().until(() -> server.gateway.stats().connections() == 3);
            assertThat(refusal(server, "c")).isEqualTo(503);
            third.close();
            await().until(() -> server.gateway.stats().connections() == 2);
            server.client("c").close();
            first.close();
            second.close();
        }
    }

    private static int refusal(TestGateway server, String user) {
        try (TestClient client = server.client(user)) {
            return 0;
        } catch (java.util.concurrent.CompletionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    @Test
    void stoppingTellsEverybodyWhenToComeBackAndLosesNothingThatWaited() throws Exception {
        TestGateway server = new TestGateway();
        List<TestClient> clients = IntStream.range(0, 10)
                .mapToObj(i -> server.client("user" + i).subscribe("resource:post"))
                .toList();
        server.publish(created("post", 1, "last", at(1, 1)));
        server.gateway.stop(Duration.ofSeconds(2));
        for (TestClient client : clients) {
            client.expect("data_change");
            JsonNode closing = client.expect("closing");
            assertThat(closing.at("/payload/code").asInt()).isEqualTo(4001);
            assertThat(closing.at("/payload/reconnectIn").asInt()).isBetween(1, 10_000);
            assertThat(client.closeCode()).isEqualTo(4001);
        }
        assertThatThrownBy(() -> server.publish(created("post", 2, "t", at(2, 1))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("fanout-0") && t.isAlive());
    }

    @Test
    void theGatewayListensBeforeTheResourcesAreKnown() throws Exception {
        SourceHealth[] health = {new SourceHealth(SourceHealth.State.STARTING, "connecting")};
        GatewayConfig.Resources none = new GatewayConfig.Resources() {
            @Override
            public boolean exists(String resource) {
                return false;
            }

            @Override
            public List<String> names() {
                return List.of();
            }

            @Override
            public Optional<RowShape> shape(String resource) {
                return Optional.empty();
            }
        };
        Gateway gateway = new Gateway(
                TestGateway.config(),
                none,
                TestGateway.NO_ROWS,
                () -> new SourceStatus(health[0], "", "", 0, 0, 0),
                () -> "",
                List.of());
        gateway.start();
        try (TestClient client = TestClient.connect(gateway.port(), "?userId=a")) {
            client.subscribe("resource:post");
            client.send("{'type':'broadcast','channel':'post:1','payload':1}");
            assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("unavailable");
            health[0] = new SourceHealth(SourceHealth.State.FLOWING, "flowing");
            client.send("{'type':'subscribe','channel':'resource:other'}");
            assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("bad_channel");
            gateway.sink().publish(List.of(created("post", 1, "t", at(1, 1))));
            client.expect("data_change");
        } finally {
            gateway.stop(Duration.ofMillis(200));
        }
    }

    @Test
    void withoutAuthenticationItListensOnLoopbackOnly() {
        GatewayConfig remote = new GatewayConfig(
                "0.0.0.0",
                0,
                "/realtime",
                Duration.ofSeconds(25),
                AuthConfig.NONE,
                Map.of(),
                GatewayConfig.Presence.DEFAULT,
                GatewayConfig.Limits.DEFAULT,
                GatewayConfig.History.DEFAULT);
        assertThatThrownBy(() -> new TestGateway(remote))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.0.0.0");
    }

    @Test
    void aPortThatIsTakenIsSaidInASentence() throws Exception {
        try (TestGateway server = new TestGateway()) {
            GatewayConfig same = new GatewayConfig(
                    "127.0.0.1",
                    server.gateway.port(),
                    "/realtime",
                    Duration.ofSeconds(25),
                    AuthConfig.NONE,
                    Map.of(),
                    GatewayConfig.Presence.DEFAULT,
                    GatewayConfig.Limits.DEFAULT,
                    GatewayConfig.History.DEFAULT);
            assertThatThrownBy(() -> new TestGateway(same))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1:" + server.gateway.port());
        }
    }

    @Test
    void anOpenConnectionKeepsNothingOfItsUpgradeRequest() throws Exception {
        try (TestGateway server = new TestGateway()) {
            List<TestClient> clients = IntStream.range(0, 20)
                    .mapToObj(i -> server.client("user" + i).subscribe("lobby"))
                    .toList();
            // The histogram counts what is reachable: it runs a full collection first.
            await().untilAsserted(() -> {
                String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                "gcClassHistogram",
                                new Object[] {null},
                                new String[] {String[].class.getName()});
                assertThat(instances(histogram, "dev.rowtide.gateway.WebSocketEndpoint"))
                        .isEqualTo(20);
                assertThat(instances(histogram, "org.eclipse.jetty.server.internal.HttpConnection"))
                        .isZero();
            });
            clients.forEach(TestClient::close);
        }
    }

    private static long instances(String histogram, String className) {
        return histogram
                .lines()
                .map(line -> line.trim().split("\\s+"))
                .filter(columns -> columns.length >= 4 && columns[3].equals(className))
                .mapToLong(columns -> Long.parseLong(columns[1]))
                .sum();
    }
}
