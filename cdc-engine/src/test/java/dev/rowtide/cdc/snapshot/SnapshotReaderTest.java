package dev.rowtide.cdc.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits, who shares, how fast, how long; the database is one that does as it is told. */
class SnapshotReaderTest {
    private static final SnapshotRequest POSTS = SnapshotRequest.ofResource("post");
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final FakeSource source = new FakeSource("post", "user");
    private SnapshotReader reader;

    private void start(SnapshotLimits limits) {
        reader = new SnapshotReader(source, limits);
        reader.start();
        reader.ready(new EngineRunName(FakeSource.EPOCH, "run-1"));
    }

    private void start() {
        start(new SnapshotLimits(1, 100, LONG, LONG, LONG));
    }

    @AfterEach
    void stop() {
        source.release();
        if (reader != null) {
            reader.close();
        }
    }

    private CollectedSnapshot readWithoutDemand(SnapshotRequest request) {
        CollectedSnapshot snapshot = new CollectedSnapshot();
        snapshot.started(reader.read(request, snapshot));
        return snapshot;
    }

    @Test
    void rowsComeInChunksOfLimitedRows() {
        source.rows(2 * SharedScan.CHUNK_ROWS + 1, 1);
        start();
        CollectedSnapshot snapshot = CollectedSnapshot.of(reader, POSTS);
        assertThat(snapshot.all())
                .map(row -> row.id().text())
                .containsExactlyElementsOf(IntStream.range(0, 2 * SharedScan.CHUNK_ROWS + 1)
                        .mapToObj(Integer::toString)
                        .toList());
        assertThat(snapshot.chunks()).isEqualTo(3);
    }

    @Test
    void rowsComeInChunksOfLimitedSizeAndALargeRowIsOneByItself() {
        source.rows(6, SharedScan.CHUNK_CHARACTERS / 2);
        start();
        CollectedSnapshot halves = CollectedSnapshot.of(reader, POSTS);
        assertThat(halves.all()).hasSize(6);
        assertThat(halves.chunks()).isEqualTo(3);
        source.rows(4, 2 * SharedScan.CHUNK_CHARACTERS);
        CollectedSnapshot large = CollectedSnapshot.of(reader, POSTS);
        assertThat(large.all()).hasSize(4);
        assertThat(large.chunks()).isEqualTo(4);
    }

    @Test
    void anEmptyTableIsABeginAndAnEndWithoutDemand() {
        source.rows(0, 1);
        start();
        CollectedSnapshot snapshot = readWithoutDemand(POSTS);
        assertThat(snapshot.all()).isEmpty();
        assertThat(snapshot.cut()).isNotNull();
    }

    @Test
    void noChunkComesWithoutDemand() throws InterruptedException {
        source.rows(3 * SharedScan.CHUNK_ROWS, 1);
        start();
        CollectedSnapshot snapshot = readWithoutDemand(POSTS);
        snapshot.awaitBegin();
        snapshot.take(1);
        await().until(() -> snapshot.chunks() == 1);
        snapshot.take(1);
        await().until(() -> snapshot.chunks() == 2);
        assertThat(snapshot.isOver()).isFalse();
        snapshot.take(5);
        assertThat(snapshot.all()).hasSize(3 * SharedScan.CHUNK_ROWS); // which also fails for a chunk without demand
    }

    @Test
    void equalRequestsThatWaitAreReadOnceAndDifferentOnesAreNot() throws InterruptedException {
        source.hold();
        start();
        CollectedSnapshot first = CollectedSnapshot.of(reader, POSTS);
        source.scanning.await();
        List<CollectedSnapshot> equal = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            equal.add(CollectedSnapshot.of(reader, new SnapshotRequest("post", null, RowFilter.ALL, List.of())));
        }
        RowFilter open = RowFilter.compare("status", Operator.EQ, new FilterValue.Text("open"));
        RowFilter same = RowFilter.and(List.of(open, RowFilter.and(List.of(open))));
        List<CollectedSnapshot> different = List.of(
                CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user")),
                CollectedSnapshot.of(reader, SnapshotRequest.ofRecord("post", "1")),
                CollectedSnapshot.of(reader, new SnapshotRequest("post", null, RowFilter.ALL, List.of("id"))),
                CollectedSnapshot.of(reader, new SnapshotRequest("post", null, open, List.of())),
                CollectedSnapshot.of(reader, new SnapshotRequest("post", null, same, List.of())));
        source.release();
        assertThat(first.all()).hasSize(10);
        assertThat(equal).allSatisfy(snapshot -> assertThat(snapshot.all()).hasSize(10));
        assertThat(different).allSatisfy(snapshot -> assertThat(snapshot.all()).hasSize(10));
        // One had begun; what asked for the same afterwards is not given its old rows.
        assertThat(source.scans).hasSize(6);
        assertThat(source.scans).extracting(SnapshotScan::recordId).containsOnlyOnce("1");
        assertThat(source.scans)
                .extracting(scan -> scan.condition().parameters())
                .containsOnlyOnce(List.of("open", "open"));
        assertThat(source.scans).extracting(SnapshotScan::columns).containsOnlyOnce(List.of("id"));
    }

    @Test
    void aFilterThatTheTableDoesNotFitIsRefusedWithItsSentence() {
        start();
        RowFilter gone = RowFilter.isNull("state");
        SnapshotFailure failure = CollectedSnapshot.of(reader, new SnapshotRequest("post", null, gone, List.of()))
                .outcome();
        assertThat(failure.sentence()).contains("there is no column \"state\"", "\"status\"");
        assertThat(failure.retryAfter()).isNull();
        assertThat(source.scans).isEmpty();
    }

    @Test
    void theOrderOfColumnsMakesNoDifference() {
        assertThat(new SnapshotRequest("post", null, RowFilter.ALL, List.of("b", "a", "b")))
                .isEqualTo(new SnapshotRequest("post", null, RowFilter.ALL, List.of("a", "b")));
    }

    @Test
    void beforeTheEngineIsUpAndAfterItFailedRequestsAreRefusedWithTheReason() {
        reader = new SnapshotReader(source, new SnapshotLimits(1, 100, LONG, LONG, LONG));
        reader.start();
        SnapshotFailure early = CollectedSnapshot.of(reader, POSTS).outcome();
        assertThat(early.sentence()).contains("the engine has not been started");
        assertThat(early.retryAfter()).isNotNull();
        reader.ready(new EngineRunName(FakeSource.EPOCH, "run-1"));
        assertThat(CollectedSnapshot.of(reader, POSTS).all()).hasSize(10);
        reader.notReady("the database is being restarted");
        assertThat(CollectedSnapshot.of(reader, POSTS).outcome().sentence())
                .contains("the database is being restarted");
    }

    @Test
    void anUnknownResourceIsRefusedForGood() {
        start();
        SnapshotFailure failure =
                CollectedSnapshot.of(reader, SnapshotRequest.ofResource("psot")).outcome();
        assertThat(failure.sentence()).contains("psot");
        assertThat(failure.retryAfter()).isNull();
    }

    @Test
    void beyondTheLimitOfWaitingRequestsTheNextIsRefusedAndRoomComesBack() throws InterruptedException {
        source.hold();
        start(new SnapshotLimits(1, 2, LONG, LONG, LONG));
        CollectedSnapshot running = CollectedSnapshot.of(reader, POSTS);
        source.scanning.await();
        CollectedSnapshot second = CollectedSnapshot.of(reader, POSTS);
        CollectedSnapshot third = CollectedSnapshot.of(reader, POSTS);
        SnapshotFailure refusal = CollectedSnapshot.of(reader, POSTS).outcome();
        assertThat(refusal.sentence()).contains("2 requests").contains("snapshot.max-waiting");
        assertThat(refusal.retryAfter()).isPositive();
        third.cancel();
        CollectedSnapshot fourth = CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user"));
        source.release();
        assertThat(List.of(running, second, fourth))
                .allSatisfy(snapshot -> assertThat(snapshot.all()).hasSize(10));
        assertThat(third.isOver()).isFalse();
        assertThat(CollectedSnapshot.of(reader, POSTS).all()).hasSize(10);
    }

    @Test
    void aRequestThatNobodyWaitsForAnyMoreIsNotRead() throws InterruptedException {
        source.hold();
        start();
        CollectedSnapshot running = CollectedSnapshot.of(reader, POSTS);
        source.scanning.await();
        CollectedSnapshot left = CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user"));
        left.cancel();
        left.cancel();
        source.release();
        assertThat(running.all()).hasSize(10);
        assertThat(CollectedSnapshot.of(reader, POSTS).all()).hasSize(10);
        assertThat(source.scans).hasSize(2);
    }

    @Test
    void whoLeavesAChunkWaitingIsGivenUpAndTheOthersGoOn() {
        source.hold();
        source.rows(3 * SharedScan.CHUNK_ROWS, 1);
        start(new SnapshotLimits(1, 100, LONG, LONG, SHORT));
        CollectedSnapshot running = CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user"));
        CollectedSnapshot slow = readWithoutDemand(POSTS);
        slow.take(1);
        CollectedSnapshot fast = CollectedSnapshot.of(reader, POSTS);
        source.release();
        assertThat(running.all()).hasSize(3 * SharedScan.CHUNK_ROWS);
        assertThat(fast.all()).hasSize(3 * SharedScan.CHUNK_ROWS);
        assertThat(slow.outcome().sentence()).contains("50 ms").contains("snapshot.max-stall");
        assertThat(slow.chunks()).isEqualTo(1);
    }

    @Test
    void whatTakesTooLongIsGivenUpEvenIfTheDatabaseBringsNothing() {
        source.workForEver();
        start(new SnapshotLimits(1, 100, LONG, SHORT, LONG));
        CollectedSnapshot snapshot = CollectedSnapshot.of(reader, POSTS);
        SnapshotFailure failure = snapshot.outcome();
        assertThat(failure.sentence()).contains("50 ms").contains("snapshot.max-time");
    }

    @Test
    void whatTakesTooLongIsGivenUpEvenIfItsReaderStillAsks() {
        source.rows(10 * SharedScan.CHUNK_ROWS, 1);
        start(new SnapshotLimits(1, 100, LONG, SHORT, LONG));
        CollectedSnapshot snapshot = readWithoutDemand(POSTS);
        snapshot.take(2);
        assertThat(snapshot.outcome().sentence()).contains("snapshot.max-time");
        assertThat(snapshot.chunks()).isEqualTo(2);
    }

    @Test
    void whatWaitsTooLongIsRefused() throws InterruptedException {
        source.hold();
        start(new SnapshotLimits(1, 100, SHORT, LONG, LONG));
        CollectedSnapshot running = CollectedSnapshot.of(reader, POSTS);
        source.scanning.await();
        SnapshotFailure failure = CollectedSnapshot.of(reader, POSTS).outcome();
        assertThat(failure.sentence()).contains("50 ms").contains("snapshot.max-wait");
        assertThat(failure.retryAfter()).isPositive();
        source.release();
        assertThat(running.all()).hasSize(10);
    }

    @Test
    void theLastToLeaveEndsTheScan() {
        source.workForEver();
        start();
        CollectedSnapshot left = CollectedSnapshot.of(reader, POSTS);
        await().until(() -> left.chunks() == 0 && !source.scans.isEmpty());
        left.cancel();
        // The only connection is free again.
        source.rows(1, SharedScan.CHUNK_CHARACTERS);
        CollectedSnapshot next = CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user"));
        await().until(() -> next.chunks() == 1);
        assertThat(left.isOver()).isFalse();
    }

    @Test
    void afterCancelNothingComes() {
        source.rows(3 * SharedScan.CHUNK_ROWS, 1);
        start();
        CollectedSnapshot snapshot = readWithoutDemand(POSTS);
        snapshot.take(1);
        await().until(() -> snapshot.chunks() == 1);
        snapshot.cancel();
        snapshot.take(10);
        assertThat(CollectedSnapshot.of(reader, POSTS).all()).hasSize(3 * SharedScan.CHUNK_ROWS);
        assertThat(snapshot.chunks()).isEqualTo(1);
        assertThat(snapshot.isOver()).isFalse();
    }

    @Test
    void aFailureIsToldToAllAndTheReaderGoesOn() {
        start();
        source.fail(SourceFailure.passing("the server is away"));
        SnapshotFailure passing = CollectedSnapshot.of(reader, POSTS).outcome();
        assertThat(passing).isEqualTo(new SnapshotFailure("the server is away", SharedScan.SOON));
        source.fail(SourceFailure.permanent("there is no such column"));
        assertThat(CollectedSnapshot.of(reader, POSTS).outcome())
                .isEqualTo(new SnapshotFailure("there is no such column", null));
        source.fail(null);
        assertThat(CollectedSnapshot.of(reader, POSTS).all()).hasSize(10);
    }

    @Test
    void aHandlerThatThrowsHarmsNobodyElse() throws InterruptedException {
        source.hold();
        start();
        CollectedSnapshot running = CollectedSnapshot.of(reader, SnapshotRequest.ofResource("user"));
        source.scanning.await();
        SnapshotReading broken = reader.read(POSTS, new SnapshotHandler() {
            @Override
            public void begin(SnapshotCut cut) {}

            @Override
            public void rows(List<SnapshotRow> chunk) {
                throw new IllegalStateException("broken on purpose");
            }

            @Override
            public void end() {}

            @Override
            public void failed(SnapshotFailure failure) {}
        });
        broken.request(1);
        CollectedSnapshot other = CollectedSnapshot.of(reader, POSTS);
        source.release();
        assertThat(running.all()).hasSize(10);
        assertThat(other.all()).hasSize(10);
        assertThatThrownBy(() -> broken.request(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closingTellsThoseWhoReadAndThoseWhoWait() throws InterruptedException {
        source.workForEver();
        start();
        CollectedSnapshot reading = CollectedSnapshot.of(reader, POSTS);
        reading.awaitBegin();
        CollectedSnapshot waiting = CollectedSnapshot.of(reader, POSTS);
        reader.close();
        assertThat(reading.outcome().sentence()).contains("stopping");
        assertThat(waiting.outcome().sentence()).contains("stopping");
        assertThat(CollectedSnapshot.of(reader, POSTS).outcome().sentence()).contains("stopping");
        assertThat(source.closed).hasValueGreaterThan(0);
    }
}
