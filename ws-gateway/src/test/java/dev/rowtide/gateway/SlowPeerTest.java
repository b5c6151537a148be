package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.transaction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.DataChangeEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that does not read costs its own connection and nobody else anything; one that reads gets everything. */
class SlowPeerTest {
    private static final int SMALL_BUFFER = 4 * 1024;
    private static final String LONG_TITLE = "x".repeat(1_000);

    private static GatewayConfig withOutbox(long bytes) {
        GatewayConfig.Limits d = GatewayConfig.Limits.DEFAULT;
        return TestGateway.config(new GatewayConfig.Limits(
                d.maxMessageBytes(),
                bytes,
                d.maxChannelsPerConnection(),
                d.maxConnections(),
                d.maxConnectionsPerUser(),
                d.messagesPerSecond(),
                d.messageBurst(),
                d.maxMetadataBytes()));
    }

    private static RawPeer subscriber(TestGateway server, int receiveBuffer) throws IOException {
        RawPeer peer = new RawPeer(server.gateway.port(), receiveBuffer, "");
        peer.sendText("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none'}}");
        assertThat(peer.readText()).contains("subscribed");
        return peer;
    }

    /** Reads {@code count} changes, whose ids must be 1, 2, 3 … */
    private static int readInOrder(RawPeer peer, int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            String change = peer.readText();
            if (!change.contains("\"id\":" + i + ",\"data\"")) {
                throw new AssertionError("expected change " + i + ", got " + change);
            }
        }
        return count;
    }

    @Test
    @Timeout(60)
    void oneOfTwoHundredThatStopsReadingIsClosedAndTheOthersGetEverything() throws Exception {
        int peers = 200;
        // More than the kernel hides (some 0.5 MB here), than Jetty has in flight (0.25 MB), and than the limit (1 MB).
        int changes = 6_000;
        List<RawPeer> reading = new ArrayList<>();
        ExecutorService readers = Executors.newFixedThreadPool(peers);
        try (TestGateway server = new TestGateway(withOutbox(1024 * 1024));
                RawPeer stalled = subscriber(server, SMALL_BUFFER)) {
            List<Future<Integer>> read = new ArrayList<>();
            for (int i = 0; i < peers - 1; i++) {
                RawPeer peer = subscriber(server, 0);
                reading.add(peer);
                read.add(readers.submit(() -> readInOrder(peer, changes)));
            }
            for (int i = 1; i <= changes; i += 100) {
                server.gateway.sink().publish(transaction("post", i, i, 100, LONG_TITLE));
                // The others share two cores with everything else here: they must be able to follow, or they are slow
                // themselves.
                long wanted = (long) (i - 1) * (peers - 1);
                await().pollInterval(Duration.ofMillis(1))
                        .until(() -> server.gateway.stats().messagesOut() >= wanted);
            }
            for (Future<Integer> done : read) {
                assertThat(done.get(30, TimeUnit.SECONDS)).isEqualTo(changes);
            }
            assertThat(server.gateway.stats().slowClosed()).isEqualTo(1);
            await().until(() -> server.gateway.stats().connections() == peers - 1);
            assertThat(server.gateway.stats().subscriptions()).isEqualTo(peers - 1);
            // The close code is behind megabytes that it never read, and the socket is closed after two seconds.
            assertThat(stalled.readToClose()).isIn(4008, 1006);
        } finally {
            readers.shutdownNow();
            for (RawPeer peer : reading) {
                peer.close();
            }
        }
    }

    @Test
    @Timeout(60)
    void aHundredThousandRowsOfOneTransactionReachTwentyWholeAndInOrder() throws Exception {
        int rows = 100_000;
        int peers = 20;
        ExecutorService readers = Executors.newFixedThreadPool(peers);
        List<RawPeer> connected = new ArrayList<>();
        try (TestGateway server = new TestGateway()) {
            List<Future<Integer>> read = new ArrayList<>();
            for (int i = 0; i < peers; i++) {
                RawPeer peer = subscriber(server, 0);
                connected.add(peer);
                read.add(readers.submit(() -> readInOrder(peer, rows)));
            }
            for (int i = 1; i <= rows; i += 2_000) {
                server.gateway.sink().publish(transaction("post", 1, i, 2_000, "t"));
            }
            for (Future<Integer> done : read) {
                assertThat(done.get(50, TimeUnit.SECONDS)).isEqualTo(rows);
            }
            assertThat(server.gateway.stats().slowClosed()).isZero();
        } finally {
            readers.shutdownNow();
            for (RawPeer peer : connected) {
                peer.close();
            }
        }
    }

    @Test
    @Timeout(30)
    void whatWaitsForAPeerThatReadsLaterIsAllThereInOrder() throws Exception {
        int changes = 5_000;
        try (TestGateway server = new TestGateway();
                RawPeer late = subscriber(server, SMALL_BUFFER);
                TestClient other = server.client("other").subscribe("post:1")) {
            // One at a time, so that each waits in a batch of its own.
            for (int i = 1; i <= changes; i++) {
                server.publish(created("post", i, LONG_TITLE, TestGateway.at(i, 1)));
            }
            other.expect("data_change");
            assertThat(readInOrder(late, changes)).isEqualTo(changes);
        }
    }

    @Test
    @Timeout(30)
    void broadcastsHaveABoundOfTheirOwn() throws Exception {
        try (TestGateway server = new TestGateway();
                RawPeer stalled = new RawPeer(server.gateway.port(), SMALL_BUFFER, "");
                TestClient sender = server.client("sender")) {
            stalled.sendText("{'type':'subscribe','channel':'lobby','payload':{'presence':'none'}}");
            stalled.readText();
            String payload = "'" + "x".repeat(60_000) + "'";
            int sent = 0;
            while (server.gateway.stats().slowClosed() == 0 && sent < 500) {
                sender.send("{'type':'broadcast','channel':'lobby','payload':" + payload + ",'id':1}");
                sender.expect("ack");
                sent++;
            }
            assertThat(sent * 60_000L).isBetween((long) Outbox.MAX_BROADCAST_BYTES, 3L * Outbox.MAX_BROADCAST_BYTES);
        }
    }

    @Test
    void aStalledPeerDoesNotHoldUpThePublisher() throws Exception {
        try (TestGateway server = new TestGateway(withOutbox(256 * 1024));
                RawPeer stalled = subscriber(server, SMALL_BUFFER)) {
            for (int i = 1; i <= 5_000; i += 50) {
                List<DataChangeEvent> batch = transaction("post", i, i, 50, LONG_TITLE);
                server.gateway.sink().publish(batch);
            }
            await().until(() -> server.gateway.stats().changes() == 5_000);
            assertThat(server.gateway.stats().slowClosed()).isEqualTo(1);
            assertThat(stalled.responseHead).contains("101");
        }
    }
}
