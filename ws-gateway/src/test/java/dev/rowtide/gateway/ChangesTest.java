package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.changed;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private TestGateway server;

    @BeforeEach
    void start() throws Exception {
        server = new TestGateway();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aChangeReachesResourceAndRecordChannelAndNobodyElse() throws Exception {
        try (TestClient resource = server.client("a").subscribe("resource:post");
                TestClient record = server.client("b").subscribe("post:42");
                TestClient other = server.client("c").subscribe("post:43").subscribe("resource:comment")) {
            server.publish(created("post", 42, "hello", at(1, 1)));

            JsonNode change = resource.expect("data_change");
            assertThat(change.path("channel").asText()).isEqualTo("resource:post");
            assertThat(change.at("/payload/operation").asText()).isEqualTo("create");
            assertThat(change.at("/payload/id").isInt()).isTrue();
            assertThat(change.at("/payload/data").toString()).isEqualTo("{\"id\":42,\"title\":\"hello\"}");
            assertThat(change.at("/payload/position").asText()).isEqualTo(at(1, 1).toString());
            assertThat(record.expect("data_change").path("channel").asText()).isEqualTo("post:42");
            assertThat(other.drain()).isEmpty();
        }
    }

    @Test
    void oneConnectionGetsCommitOrderAcrossItsChannels() throws Exception {
        try (TestClient client = server.client("a")
                .subscribe("resource:comment")
                .subscribe("post:1")
                .subscribe("resource:post")) {
            List<String> expected = new ArrayList<>();
            for (int i = 1; i <= 200; i++) {
                String resource = i % 2 == 0 ? "post" : "comment";
                server.publish(created(resource, i % 3, "t", at(i, 1)));
                expected.add("resource:" + resource + "@" + at(i, 1));
                if (resource.equals("post") && i % 3 == 1) {
                    expected.add("post:1@" + at(i, 1));
                }
            }
            List<String> got = client.next(expected.size()).stream()
                    .map(m -> m.path("channel").asText() + "@"
                            + m.at("/payload/position").asText())
                    .toList();
            assertThat(got).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void whatIsDeliveredAgainIsDropped() throws Exception {
        try (TestClient client = server.client("a").subscribe("resource:post")) {
            server.publish(created("post", 1, "a", at(1, 1)), created("post", 2, "b", at(1, 2)));
            server.publish(
                    created("post", 1, "a", at(1, 1)),
                    created("post", 2, "b", at(1, 2)),
                    created("post", 3, "c", at(1, 3)));
            server.publish(created("post", 3, "c", at(1, 3)));
            server.gateway.sink().reached(at(2, 0));
            server.publish(created("post", 4, "d", at(1, 4)));

            List<JsonNode> got = client.next(3);
            assertThat(got).extracting(m -> m.at("/payload/id").asInt()).containsExactly(1, 2, 3);
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void subscribedSaysFromWhereExactly() throws Exception {
        try (TestClient client = server.client("a")) {
            client.send("{'type':'subscribe','channel':'resource:post','id':7}");
            JsonNode first = client.expect("subscribed");
            assertThat(first.path("id").asInt()).isEqualTo(7);
            assertThat(first.at("/payload").has("position")).isFalse();
            client.expect("presence_update");

            server.publish(created("post", 1, "a", at(5, 1)));
            client.expect("data_change");
            client.send("{'type':'subscribe','channel':'post:9'}");
            assertThat(client.expect("subscribed").at("/payload/position").asText())
                    .isEqualTo(at(5, 1).toString());
        }
    }

    @Test
    void underLoadEachChangeIsEitherBeforeThePositionOrDelivered() throws Exception {
        int last = 3_000;
        Thread publisher = new Thread(() -> {
            try {
                for (int i = 1; i <= last; i++) {
                    server.publish(created("post", i, "t", at(i, 1)));
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        publisher.start();
        try (TestClient client = server.client("a")) {
            for (int round = 0; round < 10; round++) {
                client.send("{'type':'subscribe','channel':'resource:post','id':" + round
                        + ",'payload':{'presence':'none'}}");
                JsonNode subscribed = client.expect("subscribed");
                String position = subscribed.at("/payload/position").asText();
                long next = position.isEmpty()
                        ? 1
                        : Position.parse(position).orElseThrow().commit() + 1;
                client.send("{'type':'unsubscribe','channel':'resource:post'}");
                JsonNode message;
                while ((message = client.next()).path("type").asText().equals("data_change")) {
                    assertThat(message.at("/payload/id").asLong()).isEqualTo(next++);
                }
                assertThat(message.path("type").asText()).isEqualTo("unsubscribed");
            }
        } finally {
            publisher.join();
        }
    }

    @Test
    void aTruncateGoesToTheResourceAndToRecordChannelsSomebodyIsIn() throws Exception {
        try (TestClient client = server.client("a")
                .subscribe("resource:post")
                .subscribe("post:1")
                .subscribe("comment:1")) {
            server.publish(truncated("post", at(1, 1)));
            List<JsonNode> got = client.next(2);
            assertThat(got).extracting(m -> m.path("channel").asText()).containsExactly("resource:post", "post:1");
            JsonNode payload = got.get(0).path("payload");
            assertThat(payload.path("operation").asText()).isEqualTo("truncate");
            assertThat(payload.has("id") || payload.has("data")).isFalse();
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void operationsThatWereNotAskedForAreLeftOut() throws Exception {
        try (TestClient client = server.client("a")) {
            client.send(
                    "{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','operations':['delete']}}");
            client.expect("subscribed");
            server.publish(
                    created("post", 1, "a", at(1, 1)),
                    changed("post", Operation.UPDATE, 1, "b", at(1, 2)),
                    changed("post", Operation.DELETE, 1, "b", at(1, 3)));
            JsonNode change = client.expect("data_change");
            assertThat(change.at("/payload/operation").asText()).isEqualTo("delete");
            assertThat(change.at("/payload/data").isNull()).isTrue();

            client.send(
                    "{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','operations':['create']}}");
            client.expect("subscribed");
            server.publish(changed("post", Operation.DELETE, 1, "b", at(2, 1)), created("post", 2, "a", at(2, 2)));
            assertThat(client.expect("data_change").at("/payload/operation").asText())
                    .isEqualTo("create");
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void aRowOfMegabytesIsOneFrame() throws Exception {
        String title = "ä€😀".repeat(400_000);
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            peer.sendText("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none'}}");
            peer.readText();
            server.publish(created("post", 1, title, at(1, 1)), created("post", 2, "small", at(1, 2)));
            assertThat(peer.readText()).contains('"' + title + '"');
            assertThat(peer.readText()).contains("small");
        }
    }

    @Test
    void nothingIsEncodedForNobody() throws Exception {
        try (TestClient client = server.client("a").subscribe("resource:comment")) {
            await().until(() -> server.gateway.stats().messagesOut() == 1);
            for (int i = 1; i <= 1_000; i++) {
                server.publish(created("post", i, "t", at(i, 1)));
            }
            await().until(() -> server.gateway.stats().changes() == 1_000);
            assertThat(server.gateway.stats().messagesOut()).isEqualTo(1);
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void aLostSourceIsToldToEverySubscriberOfRowChanges() throws Exception {
        try (TestClient client = server.client("a")
                .subscribe("resource:post")
                .subscribe("post:1")
                .subscribe("lobby")) {
            server.publish(created("post", 2, "a", at(1, 1)));
            client.expect("data_change");
            Position first = Position.boundary(new Epoch("mvx3k2p2zzzzz"), 7);
            server.gateway.sink().sourceLost(GapReason.EPOCH_CHANGED, first);
            List<JsonNode> gaps = client.next(2);
            assertThat(gaps)
                    .extracting(m -> m.path("channel").asText())
                    .containsExactlyInAnyOrder("resource:post", "post:1");
            assertThat(gaps.get(0).at("/payload/reason").asText()).isEqualTo("epoch_changed");
            assertThat(gaps.get(0).at("/payload/since").asText()).isEqualTo(at(1, 1).toString());
            client.send("{'type':'heartbeat'}");
            assertThat(client.expect("heartbeat").path("position").asText()).isEqualTo(first.toString());
        }
    }

    @Test
    void theBoundaryIsDeliveredWhenItsChangesAreWritten() throws Exception {
        ChangeLog log = (ChangeLog) server.gateway.sink();
        assertThat(log.delivered()).isNull();
        server.publish(created("post", 1, "a", at(1, 1)));
        server.gateway.sink().reached(at(2, 0));
        await().until(() -> at(2, 0).equals(log.delivered()));
    }
}
