package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.updated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** First the rows, then exactly the changes that they do not contain, wherever the log and the snapshot stand to each other. */
@Timeout(60)
class SnapshotTest {
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private TestGateway server;

    /** A request as the source of rows got it; the test plays the source. */
    private record Asked(
            SnapshotRequest request, SnapshotHandler handler, AtomicInteger demand, AtomicInteger cancelled) {
        void begin(Position from, Position until, Position... contained) {
            Set<Position> inside = Set.of(contained);
            handler.begin(new SnapshotCut() {
                @Override
                public boolean contains(DataChangeEvent change) {
                    return from.isAfter(change.position()) || inside.contains(change.position());
                }

                @Override
                public Position from() {
                    return from;
                }

                @Override
                public Position until() {
                    return until;
                }
            });
        }

        /** A chunk, once it is asked for. */
        void rows(int... ids) {
            await().until(() -> demand.get() > 0);
            demand.decrementAndGet();
            List<SnapshotRow> rows = new ArrayList<>();
            for (int id : ids) {
                rows.add(new SnapshotRow(
                        new RecordId(Integer.toString(id), Integer.toString(id)), TestGateway.row(id, "row " + id)));
            }
            handler.rows(List.copyOf(rows));
        }
    }

    @BeforeEach
    void start() throws Exception {
        RowSource rows = (request, handler) -> {
            AtomicInteger demand = new AtomicInteger();
            AtomicInteger cancelled = new AtomicInteger();
            asked.add(new Asked(request, handler, demand, cancelled));
            return new SnapshotReading() {
                @Override
                public void request(int chunks) {
                    demand.addAndGet(chunks);
                }

                @Override
                public void cancel() {
                    cancelled.incrementAndGet();
                }
            };
        };
        server = new TestGateway(TestGateway.config(), Ticker.SYSTEM, rows);
        server.gateway.sink().reached(at(1, 0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TestClient subscribe(String channel, String payload) {
        return server.client("ann")
                .send("{'type':'subscribe','channel':'" + channel
                        + "','id':7,'payload':{'presence':'none','snapshot':true" + payload + "}}");
    }

    private Asked asked() throws InterruptedException {
        Asked next = asked.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("nobody asked for rows").isNotNull();
        return next;
    }

    private static void begun(TestClient client, Position position) {
        JsonNode subscribed = client.expect("subscribed");
        assertThat(subscribed.path("id").asInt()).isEqualTo(7);
        assertThat(subscribed.at("/payload/position").asText()).isEqualTo(position.toString());
    }

    private static List<Integer> rows(TestClient client) {
        List<Integer> ids = new ArrayList<>();
        JsonNode snapshot;
        do {
            snapshot = client.expect("snapshot");
            assertThat(snapshot.path("id").asInt()).isEqualTo(7);
            snapshot.at("/payload/rows").forEach(row -> ids.add(row.path("id").asInt()));
            assertThat(snapshot.at("/payload/ids")).hasSameSizeAs(snapshot.at("/payload/rows"));
        } while (!snapshot.at("/payload/last").asBoolean());
        return ids;
    }

    private static List<String> changes(TestClient client, int count) {
        List<String> positions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            positions.add(client.expect("data_change").at("/payload/position").asText());
        }
        return positions;
    }

    @Test
    void changesThatTheRowsContainDoNotComeAgainAndAllOthersDo() throws Exception {
        server.publish(created("post", 1, "t", at(1, 1)), created("post", 2, "t", at(1, 2)));
        server.publish(created("post", 3, "t", at(2, 1)));
        server.publish(created("post", 4, "t", at(3, 1)));
        try (TestClient client = subscribe("resource:post", "");
                TestClient other = server.client("bob").subscribe("resource:post")) {
            Asked source = asked();
            assertThat(source.request()).isEqualTo(SnapshotRequest.ofResource("post"));
            // The snapshot was taken when the transaction at 2 was not visible yet, and that at 3 was.
            source.begin(at(2, 0), at(5, 0), at(3, 1), at(4, 1));
            source.rows(1, 2);
            server.publish(created("post", 5, "t", at(4, 1)));
            source.rows(4, 5);
            server.publish(created("post", 6, "t", at(5, 1)));
            source.handler().end();
            server.publish(created("post", 7, "t", at(6, 1)));

            begun(client, at(2, 0));
            assertThat(rows(client)).containsExactly(1, 2, 4, 5);
            assertThat(changes(client, 3))
                    .containsExactly(at(2, 1).toString(), at(5, 1).toString(), at(6, 1).toString());
            assertThat(client.drain()).isEmpty();
            assertThat(other.drain()).hasSize(3);
        }
    }

    @Test
    void aLogThatIsBehindTheSnapshotCatchesUpWithIt() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            Asked source = asked();
            source.begin(at(9, 0), at(9, 0));
            source.rows(1);
            source.handler().end();
            begun(client, at(9, 0));
            assertThat(rows(client)).containsExactly(1);
            server.publish(created("post", 1, "t", at(5, 1)));
            server.publish(created("post", 2, "t", at(8, 1)), created("post", 3, "t", at(9, 1)));
            assertThat(changes(client, 1)).containsExactly(at(9, 1).toString());
            client.send("{'type':'heartbeat'}");
            assertThat(client.expect("heartbeat").path("position").asText())
                    .as("live again")
                    .isEqualTo(at(9, 1).toString());
        }
    }

    @Test
    void aQuietLogMakesTheConnectionLiveWhenItHasReachedTheSnapshot() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            Asked source = asked();
            source.begin(at(9, 0), at(9, 0));
            source.handler().end();
            begun(client, at(9, 0));
            assertThat(rows(client)).isEmpty();
            client.send("{'type':'heartbeat'}");
            assertThat(client.expect("heartbeat").has("position")).isFalse();
            server.gateway.sink().reached(at(9, 0));
            await().untilAsserted(() -> {
                client.send("{'type':'heartbeat'}");
                assertThat(client.expect("heartbeat").path("position").asText()).isEqualTo(at(9, 0).toString());
            });
        }
    }

    @Test
    void otherChannelsOfTheConnectionGoOnMeanwhile() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            Asked source = asked();
            client.send("{'type':'subscribe','channel':'resource:comment','payload':{'presence':'none'}}");
            assertThat(client.expect("subscribed").path("channel").asText()).isEqualTo("resource:comment");
            server.publish(created("comment", 1, "c", at(1, 1)), created("post", 1, "p", at(1, 2)));
            assertThat(client.expect("data_change").path("channel").asText()).isEqualTo("resource:comment");
            source.begin(at(1, 0), at(1, 0));
            source.handler().end();
            begun(client, at(1, 0));
            assertThat(rows(client)).isEmpty();
            assertThat(client.expect("data_change").path("channel").asText()).isEqualTo("resource:post");
            server.publish(created("comment", 2, "c", at(2, 1)), created("post", 2, "p", at(2, 2)));
            assertThat(changes(client, 2)).containsExactly(at(2, 1).toString(), at(2, 2).toString());
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void aRecordItsFilterAndItsColumnsAreWhatIsAskedFor() throws Exception {
        try (TestClient client = subscribe("post:1", ",'filter':{'title':'a'},'columns':['title','id']")) {
            SnapshotRequest request = asked().request();
            assertThat(request.recordId()).isEqualTo("1");
            assertThat(request.filter().text()).isEqualTo("{\"title\":{\"eq\":\"a\"}}");
            assertThat(request.columns()).containsExactly("id", "title");
            assertThat(client.drain())
                    .as("nothing before the snapshot is taken")
                    .isEmpty();
        }
    }

    @Test
    void changesBehindTheRowsAreSeenThroughTheFilter() throws Exception {
        try (TestClient client = subscribe("resource:post", ",'filter':{'title':'a'}")) {
            Asked source = asked();
            source.begin(at(1, 0), at(1, 0));
            source.handler().end();
            begun(client, at(1, 0));
            rows(client);
            server.publish(updated("post", 1, "a", "b", at(1, 1)), updated("post", 2, "b", "c", at(1, 2)));
            assertThat(client.expect("data_change").at("/payload/operation").asText())
                    .isEqualTo("delete");
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void theNextChunkIsAskedForWhenThePeerHasTakenTheLast() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            Asked source = asked();
            source.begin(at(1, 0), at(1, 0));
            for (int i = 0; i < 20; i++) {
                source.rows(i);
                assertThat(source.demand().get()).isLessThanOrEqualTo(1);
            }
            source.handler().end();
            begun(client, at(1, 0));
            assertThat(rows(client)).hasSize(20);
        }
    }

    @Test
    void aSnapshotThatFailsEndsTheSubscriptionAndSaysWhen() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            asked().handler().failed(new SnapshotFailure("the database is away", Duration.ofSeconds(2)));
            JsonNode error = client.expect("error");
            assertThat(error.path("id").asInt()).isEqualTo(7);
            assertThat(error.path("channel").asText()).isEqualTo("resource:post");
            assertThat(error.at("/payload/code").asText()).isEqualTo("unavailable");
            assertThat(error.at("/payload/retryAfter").asInt()).isEqualTo(2_000);
            server.publish(created("post", 1, "t", at(1, 1)));
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void whoLeavesOrAsksForSomethingElseCancelsTheReading() throws Exception {
        try (TestClient client = subscribe("resource:post", "")) {
            Asked first = asked();
            client.send("{'type':'unsubscribe','channel':'resource:post'}");
            client.expect("unsubscribed");
            await().until(() -> first.cancelled().get() > 0);
            client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','snapshot':true}}");
            Asked second = asked();
            client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none'}}");
            client.expect("subscribed");
            await().until(() -> second.cancelled().get() > 0);
            server.publish(created("post", 1, "t", at(1, 1)));
            assertThat(changes(client, 1)).hasSize(1);
            client.send("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','snapshot':true}}");
            Asked third = asked();
            client.socket().abort();
            await().until(() -> third.cancelled().get() > 0);
        }
    }

    @Test
    void anotherDatabaseMeanwhileMakesTheRowsWorthNothingAndTheClientIsTold() throws Exception {
        Position other = Position.boundary(new Epoch("mvx3k2p1a7f3d"), 1);
        try (TestClient client = subscribe("resource:post", "")) {
            Asked source = asked();
            source.begin(at(1, 0), at(1, 0));
            source.rows(1);
            begun(client, at(1, 0));
            client.expect("snapshot");
            server.gateway.sink().sourceLost(GapReason.EPOCH_CHANGED, other);
            client.drain();
            source.handler().end();
            assertThat(client.expect("snapshot").at("/payload/last").asBoolean())
                    .isTrue();
            assertThat(client.expect("gap").at("/payload/reason").asText()).isEqualTo("epoch_changed");
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void whoCanResumeGetsNoRowsAndWhoCannotGetsThemInThePlaceOfAGap() throws Exception {
        server.publish(created("post", 1, "t", at(1, 1)));
        server.publish(created("post", 2, "t", at(2, 1)));
        try (TestClient client = subscribe("resource:post", ",'since':'" + at(1, 1) + "'")) {
            JsonNode subscribed = client.expect("subscribed");
            assertThat(subscribed.at("/payload/recovered").asBoolean()).isTrue();
            assertThat(changes(client, 1)).containsExactly(at(2, 1).toString());
            assertThat(asked).isEmpty();
        }
        Position gone = Position.boundary(new Epoch("mvx3k2p1a7f3d"), 1);
        try (TestClient client = subscribe("resource:post", ",'since':'" + gone + "'")) {
            Asked source = asked();
            source.begin(at(2, 1), at(2, 1));
            source.handler().end();
            JsonNode subscribed = client.expect("subscribed");
            assertThat(subscribed.at("/payload/recovered").asBoolean(true)).isFalse();
            assertThat(rows(client)).isEmpty();
            assertThat(client.drain()).isEmpty();
        }
    }

    @Test
    void aSnapshotThatLooksBackFurtherThanTheHistoryIsTakenAgainAndThenGivenUp() throws Exception {
        server.gateway.sink().sourceLost(GapReason.SOURCE_LOST, at(5, 0));
        try (TestClient client = subscribe("resource:post", "")) {
            for (int attempt = 0; attempt < 3; attempt++) {
                Asked source = asked();
                source.begin(at(2, 0), at(6, 0));
                await().until(() -> source.cancelled().get() > 0);
            }
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("unavailable");
            assertThat(error.at("/payload/message").asText()).contains("history.max-age");
            assertThat(client.drain()).isEmpty();
        }
    }
}
