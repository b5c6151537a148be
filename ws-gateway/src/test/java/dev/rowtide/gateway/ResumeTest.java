package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.changed;
import static dev.rowtide.gateway.TestGateway.created;
import static dev.rowtide.gateway.TestGateway.transaction;
import static dev.rowtide.gateway.TestGateway.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.auth.AuthConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who comes back with a position gets exactly what it has missed, or is told that it cannot. */
@Timeout(60)
class ResumeTest {
    @TempDir
    Path directory;

    private static TestClient resume(TestGateway server, String channel, Position since) {
        return server.client("ann")
                .send("{'type':'subscribe','channel':'" + channel + "','id':1,'payload':{'presence':'none','since':'"
                        + since + "'}}");
    }

    private static void recovered(TestClient client, Position since, int replayed) {
        JsonNode subscribed = client.expect("subscribed");
        assertThat(subscribed.at("/payload/recovered").asBoolean()).isTrue();
        assertThat(subscribed.at("/payload/position").asText()).isEqualTo(since.toString());
        assertThat(subscribed.at("/payload/replayed").asInt()).isEqualTo(replayed);
    }

    private static void lost(TestClient client, Position since, String reason) {
        JsonNode subscribed = client.expect("subscribed");
        assertThat(subscribed.at("/payload/recovered").asBoolean(true)).isFalse();
        JsonNode gap = client.expect("gap");
        assertThat(gap.at("/payload/reason").asText()).isEqualTo(reason);
        assertThat(gap.at("/payload/since").asText()).isEqualTo(since.toString());
    }

    private static List<String> positions(TestClient client, int count) {
        List<String> positions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            positions.add(client.expect("data_change").at("/payload/position").asText());
        }
        return positions;
    }

    private GatewayConfig onDisk(long maxBytes) {
        return TestGateway.config(
                GatewayConfig.Limits.DEFAULT,
                AuthConfig.NONE,
                new GatewayConfig.History(directory.resolve("history"), Duration.ofMinutes(10), maxBytes));
    }

    @Test
    void whatCameAfterThePositionComesOnceAndInOrderAndThenWhatIsLive() throws Exception {
        try (TestGateway server = new TestGateway()) {
            for (int i = 1; i <= 5; i++) {
                server.publish(created("post", i, "t", at(i, 1)), created("comment", i, "c", at(i, 2)));
            }
            try (TestClient client = resume(server, "resource:post", at(2, 1))) {
                recovered(client, at(2, 1), 3);
                server.publish(created("post", 6, "t", at(6, 1)));
                assertThat(positions(client, 4))
                        .containsExactly(
                                at(3, 1).toString(), at(4, 1).toString(), at(5, 1).toString(), at(6, 1).toString());
                assertThat(client.drain()).isEmpty();
            }
        }
    }

    @Test
    void aRecordChannelResumesWithItsOwnChangesAndTheTruncation() throws Exception {
        try (TestGateway server = new TestGateway()) {
            server.publish(created("post", 1, "t", at(1, 1)), created("post", 2, "t", at(1, 2)));
            server.publish(changed("post", Operation.UPDATE, 1, "u", at(2, 1)));
            server.publish(truncated("post", at(3, 1)));
            server.publish(created("comment", 1, "t", at(4, 1)));
            try (TestClient client = resume(server, "post:1", at(1, 1))) {
                recovered(client, at(1, 1), 2);
                assertThat(positions(client, 2)).containsExactly(at(2, 1).toString(), at(3, 1).toString());
                assertThat(client.drain()).isEmpty();
            }
        }
    }

    @Test
    void severalChannelsOfOneConnectionResumeInCommitOrderAndNothingComesTwice() throws Exception {
        try (TestGateway server = new TestGateway()) {
            for (int i = 1; i <= 50; i++) {
                server.publish(created("post", i, "t", at(i, 1)), created("comment", i, "c", at(i, 2)));
            }
            try (TestClient client = server.client("ann").subscribe("post:50")) {
                for (String channel : List.of("resource:post", "resource:comment", "post:40")) {
                    client.send("{'type':'subscribe','channel':'" + channel + "','payload':{'presence':'none','since':'"
                            + at(30, 1) + "'}}");
                }
                server.publish(
                        created("post", 51, "t", at(51, 1)), changed("post", Operation.UPDATE, 50, "u", at(51, 2)));
                List<String> seen = new ArrayList<>();
                int changes = 0;
                while (changes < 20 + 21 + 1 + 1 + 2) {
                    JsonNode message = client.next();
                    if (message.path("type").asText().equals("data_change")) {
                        changes++;
                        seen.add(message.path("channel").asText() + "@"
                                + message.at("/payload/position").asText());
                    }
                }
                assertThat(client.drain()).isEmpty();
                assertThat(seen).doesNotHaveDuplicates();
                for (String channel : List.of("resource:post", "resource:comment", "post:40", "post:50")) {
                    List<Position> positions = seen.stream()
                            .filter(change -> change.startsWith(channel + "@"))
                            .map(change -> Position.parse(change.substring(channel.length() + 1))
                                    .orElseThrow())
                            .toList();
                    assertThat(positions).as(channel).isSorted();
                }
            }
        }
    }

    @Test
    void aQuietChannelResumesAndAHeartbeatCarriesThePositionForward() throws Exception {
        try (TestGateway server = new TestGateway()) {
            server.publish(created("post", 1, "t", at(1, 1)));
            server.gateway.sink().reached(at(9, 0));
            try (TestClient client = resume(server, "post:7", at(9, 0))) {
                recovered(client, at(9, 0), 0);
                server.gateway.sink().reached(at(12, 0));
                // It may be answered before the boundary has passed.
                await().until(() -> client.send("{'type':'heartbeat'}")
                        .expect("heartbeat")
                        .path("position")
                        .asText()
                        .equals(at(12, 0).toString()));
            }
        }
    }

    @Test
    void aPositionThatIsReachedLaterIsWaitedForAndWhatCameBeforeIsLeftOut() throws Exception {
        try (TestGateway server = new TestGateway()) {
            server.gateway.sink().reached(at(1, 0));
            try (TestClient client = resume(server, "resource:post", at(3, 1));
                    TestClient other = server.client("other").subscribe("resource:post")) {
                client.send("{'type':'heartbeat'}").expect("heartbeat");
                server.publish(created("post", 1, "t", at(2, 1)));
                other.expect("data_change");
                assertThat(client.drain()).isEmpty();
                server.publish(created("post", 2, "t", at(3, 1)), created("post", 3, "t", at(3, 2)));
                JsonNode subscribed = client.expect("subscribed");
                assertThat(subscribed.at("/payload/recovered").asBoolean()).isTrue();
                assertThat(subscribed.at("/payload/position").asText()).isEqualTo(at(3, 1).toString());
                assertThat(positions(client, 1)).containsExactly(at(3, 2).toString());
            }
        }
    }

    @Test
    void aPositionThatNeverComesIsRefusedAndTheConnectionGoesOn() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (TestGateway server = new TestGateway(TestGateway.config(), ticker)) {
            server.gateway.sink().reached(at(1, 0));
            try (TestClient client = resume(server, "resource:post", at(1_000, 1))) {
                client.send("{'type':'heartbeat'}").expect("heartbeat");
                ticker.advanceSeconds(16);
                server.gateway.sink().reached(at(2, 0));
                JsonNode error = client.expect("error");
                assertThat(error.at("/payload/code").asText()).isEqualTo("unknown_position");
                assertThat(error.at("/payload/message").asText())
                        .contains(at(1_000, 1).toString(), "which is at " + TestGateway.EPOCH.text());
                client.subscribe("resource:post");
                server.publish(created("post", 2, "t", at(3, 1)));
                client.expect("data_change");
            }
        }
    }

    @Test
    void aPositionOfAnotherDatabaseIsAGap() throws Exception {
        try (TestGateway server = new TestGateway()) {
            server.publish(created("post", 1, "t", at(1, 1)));
            Position other = new Position(new Epoch("mvx3k2p1zzzzz"), 1, 1);
            try (TestClient client = resume(server, "resource:post", other)) {
                lost(client, other, "epoch_changed");
                server.publish(created("post", 2, "t", at(2, 1)));
                assertThat(positions(client, 1)).containsExactly(at(2, 1).toString());
            }
        }
    }

    @Test
    void whatHasLeftTheHistoryIsAGapAndNeverAPart() throws Exception {
        GatewayConfig small = TestGateway.config(
                GatewayConfig.Limits.DEFAULT,
                AuthConfig.NONE,
                new GatewayConfig.History(null, Duration.ofMinutes(10), 1024 * 1024));
        try (TestGateway server = new TestGateway(small)) {
            for (int i = 1; i <= 60; i++) {
                server.gateway.sink().publish(transaction("post", i, 1, 1_000, "x".repeat(100)));
            }
            try (TestClient late = resume(server, "resource:post", at(1, 1));
                    TestClient inTime = resume(server, "resource:post", at(60, 990))) {
                lost(late, at(1, 1), "history_expired");
                recovered(inTime, at(60, 990), 10);
                assertThat(positions(inTime, 10)).hasSize(10);
                assertThat(late.drain()).isEmpty();
            }
        }
    }

    @Test
    void changesOfAnEpochThatEndedAreGoneWithIt() throws Exception {
        try (TestGateway server = new TestGateway()) {
            server.publish(created("post", 1, "t", at(1, 1)));
            Position first = Position.boundary(new Epoch("mvx3k2p2a7f3c"), 7);
            server.gateway.sink().sourceLost(GapReason.SOURCE_LOST, first);
            try (TestClient client = resume(server, "resource:post", at(1, 1))) {
                lost(client, at(1, 1), "source_lost");
            }
            try (TestClient client = resume(server, "resource:post", first)) {
                recovered(client, first, 0);
            }
        }
    }

    @Test
    void aCustomChannelCannotBeResumed() throws Exception {
        try (TestGateway server = new TestGateway();
                TestClient client = resume(server, "lobby", at(1, 1))) {
            assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("bad_message");
        }
    }

    @Test
    void aRestartIsResumedFromDiskAndWhatIsPublishedAgainIsDropped() throws Exception {
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024))) {
            server.gateway.sink().reached(at(1, 0));
            server.gateway.sink().publish(transaction("post", 1, 1, 3_000, "a title"));
            server.gateway.sink().reached(at(2, 0));
        }
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024))) {
            try (TestClient client = resume(server, "resource:post", at(1, 2_990))) {
                // Whether there is a hole is known when the source has said where it begins.
                assertThat(client.drain()).isEmpty();
                // A transaction earlier, as after a crash.
                server.gateway.sink().reached(at(1, 0));
                JsonNode subscribed = client.expect("subscribed");
                assertThat(subscribed.at("/payload/recovered").asBoolean()).isTrue();
                assertThat(positions(client, 10)).hasSize(10);
                server.gateway.sink().publish(transaction("post", 1, 1, 3_000, "a title"));
                server.publish(created("post", 1, "t", at(2, 1)));
                assertThat(positions(client, 1)).containsExactly(at(2, 1).toString());
            }
        }
    }

    @Test
    void whoDoesNotResumeGetsWhatWasNotWrittenBeforeTheRestart() throws Exception {
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024))) {
            server.gateway.sink().reached(at(1, 0));
            server.publish(created("post", 1, "t", at(1, 1)));
            server.publish(created("post", 2, "t", at(2, 1)));
        }
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024));
                TestClient old = server.client("old").subscribe("resource:post")) {
            server.gateway.sink().reached(at(2, 0));
            server.publish(created("post", 2, "t", at(2, 1)), created("post", 3, "t", at(3, 1)));
            assertThat(positions(old, 2)).containsExactly(at(2, 1).toString(), at(3, 1).toString());
            assertThat(old.drain()).isEmpty();
        }
    }

    @Test
    void aTornEndIsCutOffAndASourceThatGoesOnBehindItIsAGap() throws Exception {
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024))) {
            server.gateway.sink().reached(at(1, 0));
            server.publish(created("post", 1, "t", at(1, 1)));
            server.publish(created("post", 2, "t", at(2, 1)));
        }
        Path file;
        try (Stream<Path> files = Files.list(directory.resolve("history"))) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024));
                TestClient client = resume(server, "resource:post", at(1, 0));
                TestClient old = server.client("old").subscribe("resource:post")) {
            server.gateway.sink().reached(at(3, 0));
            lost(client, at(1, 0), "history_expired");
            assertThat(old.expect("gap").at("/payload/reason").asText()).isEqualTo("history_expired");
            server.publish(created("post", 3, "t", at(3, 1)));
            assertThat(positions(client, 1)).containsExactly(at(3, 1).toString());
        }
    }

    @Test
    void damageInTheMiddleIsNotBelieved() throws Exception {
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024))) {
            server.gateway.sink().reached(at(1, 0));
            for (int i = 1; i <= 10; i++) {
                server.gateway.sink().publish(transaction("post", i, 1, 2_000, "x".repeat(500)));
            }
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory.resolve("history"))) {
            files = all.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(1);
        byte[] bytes = Files.readAllBytes(files.get(0));
        bytes[bytes.length / 2] ^= 1;
        Files.write(files.get(0), bytes, StandardOpenOption.TRUNCATE_EXISTING);
        try (TestGateway server = new TestGateway(onDisk(64L * 1024 * 1024));
                TestClient early = resume(server, "resource:post", at(1, 1));
                TestClient late = resume(server, "resource:post", at(10, 1_999))) {
            server.gateway.sink().reached(at(10, 2_000));
            lost(early, at(1, 1), "history_expired");
            recovered(late, at(10, 1_999), 1);
        }
    }

    @Test
    void manyResumeAtOnceWhileChangesGoOn() throws Exception {
        int clients = 300;
        try (TestGateway server = new TestGateway()) {
            server.gateway.sink().publish(transaction("post", 1, 1, 20_000, "t"));
            List<RawPeer> peers = new ArrayList<>();
            try {
                for (int i = 0; i < clients; i++) {
                    RawPeer peer = new RawPeer(server.gateway.port());
                    peers.add(peer);
                    peer.sendText("{'type':'subscribe','channel':'resource:post','payload':{'presence':'none','since':'"
                            + at(1, 19_000 + i) + "'}}");
                    if (i % 10 == 0) {
                        int number = 20_001 + i / 10;
                        server.publish(created("post", number, "t", at(1, number)));
                    }
                }
                int last = 20_000 + clients / 10;
                for (int i = 0; i < clients; i++) {
                    assertThat(peers.get(i).readText()).contains("subscribed").contains("\"recovered\":true");
                    for (int id = 19_000 + i + 1; id <= last; id++) {
                        assertThat(peers.get(i).readText()).contains("\"id\":" + id + ",\"data\"");
                    }
                }
            } finally {
                for (RawPeer peer : peers) {
                    peer.close();
                }
            }
        }
    }
}
