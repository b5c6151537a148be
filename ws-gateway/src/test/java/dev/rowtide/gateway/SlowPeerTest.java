package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.transaction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.gateway.auth.AuthConfig;
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

/** A peer that does not read costs nobody else anything; whoever reads, however late, gets everything. */
class SlowPeerTest {
    private static final int SMALL_BUFFER = 4 * 1024;
    private static final String LONG_TITLE = "x".repeat(1_000);

    private static GatewayConfig withOutbox(long bytes) {
        return with(bytes, GatewayConfig.Limits.DEFAULT.stalledAfter());
    }

    private static GatewayConfig with(long outboxBytes, Duration stalledAfter) {
        GatewayConfig.Limits d = GatewayConfig.Limits.DEFAULT;
        return TestGateway.config(new GatewayConfig.Limits(
                d.maxMessageBytes(),
                outboxBytes,
                stalledAfter,
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
    void oneOfTwoHundredThatStopsReadingCostsTheOthersNothingAndGetsEverythingLater() throws Exception {
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
            assertThat(server.gateway.stats().slowClosed()).isZero();
            assertThat(server.gateway.stats().fellBehind()).isPositive();
            assertThat(readInOrder(stalled, changes)).isEqualTo(changes);
            // And it is live again.
            server.publish(created("post", changes + 1, "t", TestGateway.at(changes + 1, 1)));
            assertThat(stalled.readText()).contains("\"id\":" + (changes + 1) + ",\"data\"");
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
            assertThat(sent * 60_000L).isBetween((long) Outbox.MAX_OTHER_BYTES, 3L * Outbox.MAX_OTHER_BYTES);
        }
    }

    @Test
    void aStalledPeerDoesNotHoldUpThePublisherAndIsClosedWhenItsTimeIsOver() throws Exception {
        try (TestGateway server = new TestGateway(with(256 * 1024, Duration.ofSeconds(2)));
                RawPeer stalled = subscriber(server, SMALL_BUFFER)) {
            for (int i = 1; i <= 5_000; i += 50) {
                List<DataChangeEvent> batch = transaction("post", i, i, 50, LONG_TITLE);
                server.gateway.sink().publish(batch);
            }
            await().until(() -> server.gateway.stats().changes() == 5_000);
            await().until(() -> server.gateway.stats().slowClosed() == 1);
            // The close code is behind what it never read, and the socket is closed after two seconds.
            assertThat(stalled.readToClose()).isIn(4008, 1006);
        }
    }

    @Test
    @Timeout(60)
    void whoFallsOutOfTheHistoryIsToldAndStaysConnected() throws Exception {
        GatewayConfig small = TestGateway.config(
                GatewayConfig.Limits.DEFAULT,
                AuthConfig.NONE,
                new GatewayConfig.History(null, Duration.ofMinutes(10), 2 * 1024 * 1024));
        try (TestGateway server = new TestGateway(small);
                RawPeer stalled = subscriber(server, SMALL_BUFFER)) {
            int changes = 20_000;
            for (int i = 1; i <= changes; i += 100) {
                server.gateway.sink().publish(transaction("post", i, i, 100, LONG_TITLE));
            }
            await().until(() -> server.gateway.stats().changes() == changes);
            int next = 1;
            String message = stalled.readText();
            while (message.contains("\"id\":" + next + ",\"data\"")) {
                next++;
                message = stalled.readText();
            }
            assertThat(message).contains("\"type\":\"gap\"").contains("history_expired");
            assertThat(message).contains("-" + (next - 1) + "\"");
            assertThat(next).isLessThan(changes);
            server.publish(created("post", changes + 1, "t", TestGateway.at(changes + 1, 1)));
            assertThat(stalled.readText()).contains("\"id\":" + (changes + 1) + ",\"data\"");
        }
    }

    @Test
    @Timeout(120)
    void peersOfEverySpeedGetEveryRowOfALargeTransactionInOrder() throws Exception {
        int rows = 100_000;
        int[] bytesPerMillisecond = {125, 1_250, 12_500, 1_000_000};
        ExecutorService readers = Executors.newCachedThreadPool();
        List<RawPeer> peers = new ArrayList<>();
        try (TestGateway server = new TestGateway()) {
            List<Future<Integer>> read = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                RawPeer peer = subscriber(server, SMALL_BUFFER);
                peers.add(peer);
                // The slowest read a part only, or this would take minutes.
                int wanted = i % 4 == 0 ? rows / 100 : i % 4 == 1 ? rows / 10 : rows;
                int pause = bytesPerMillisecond[i % 4];
                read.add(readers.submit(() -> readSlowly(peer, wanted, pause)));
            }
            for (int i = 1; i <= rows; i += 2_000) {
                server.gateway.sink().publish(transaction("post", 1, i, 2_000, "t"));
            }
            for (int i = 0; i < 40; i++) {
                assertThat(read.get(i).get(100, TimeUnit.SECONDS)).isPositive();
            }
            assertThat(server.gateway.stats().slowClosed()).isZero();
            assertThat(server.gateway.stats().fellBehind()).isPositive();
        } finally {
            readers.shutdownNow();
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
    }

    private static int readSlowly(RawPeer peer, int count, int bytesPerMillisecond) throws Exception {
        long begun = System.nanoTime();
        long bytes = 0;
        for (int i = 1; i <= count; i++) {
            String change = peer.readText();
            if (!change.contains("\"id\":" + i + ",\"data\"")) {
                throw new AssertionError("expected change " + i + ", got " + change);
            }
            bytes += change.length();
            long ahead = bytes / bytesPerMillisecond - (System.nanoTime() - begun) / 1_000_000;
            if (ahead > 5) {
                TimeUnit.MILLISECONDS.sleep(ahead);
            }
        }
        return count;
    }
}
