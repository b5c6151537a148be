package dev.rowtide.cdc.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A subscriber that keeps what it gets, and whatever it was told that the contract forbids. Thread-safe. */
public final class CollectedSnapshot implements SnapshotHandler {
    private static final long PATIENCE_SECONDS = 60;

    private final CompletableFuture<@Nullable SnapshotFailure> over = new CompletableFuture<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final List<SnapshotRow> rows = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private @Nullable SnapshotCut cut;
    private int chunks;
    private int demand;
    private @Nullable SnapshotReading reading;

    /** Asks, and takes everything as it comes. */
    public static CollectedSnapshot of(RowSource source, SnapshotRequest request) {
        CollectedSnapshot snapshot = new CollectedSnapshot();
        snapshot.started(source.read(request, snapshot));
        snapshot.take(Integer.MAX_VALUE);
        return snapshot;
    }

    /** What {@link RowSource#read} has returned. */
    public synchronized void started(SnapshotReading now) {
        reading = now;
    }

    /** Lets so many more chunks come. */
    public void take(int count) {
        SnapshotReading now;
        synchronized (this) {
            demand = (int) Math.min(Integer.MAX_VALUE, (long) demand + count);
            now = reading;
        }
        now.request(count);
    }

    public void cancel() {
        reading.cancel();
    }

    @Override
    public synchronized void begin(SnapshotCut at) {
        require(cut == null, "begun twice");
        require(!over.isDone(), "begun after its end");
        cut = at;
        begun.countDown();
    }

    @Override
    public synchronized void rows(List<SnapshotRow> chunk) {
        require(cut != null, "rows before the begin");
        require(!over.isDone(), "rows after the end");
        require(!chunk.isEmpty(), "an empty chunk");
        require(demand > 0, "a chunk that was not asked for");
        demand--;
        chunks++;
        rows.addAll(chunk);
    }

    @Override
    public synchronized void end() {
        require(cut != null, "an end before the begin");
        require(over.complete(null), "two ends");
    }

    @Override
    public synchronized void failed(SnapshotFailure failure) {
        require(over.complete(failure), "a failure after the end: " + failure);
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }

    public void awaitBegin() throws InterruptedException {
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** Waits for the end; why there are no rows, or null. */
    public @Nullable SnapshotFailure outcome() {
        try {
            SnapshotFailure failure = over.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            synchronized (this) {
                assertThat(violations).isEmpty();
            }
            return failure;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the snapshot came to no end", e);
        }
    }

    public boolean isOver() {
        return over.isDone();
    }

    /** All rows, once it has ended well. */
    public List<SnapshotRow> all() {
        assertThat(outcome()).as("why the snapshot failed").isNull();
        synchronized (this) {
            return List.copyOf(rows);
        }
    }

    public synchronized SnapshotCut cut() {
        assertThat(cut).isNotNull();
        return cut;
    }

    public synchronized int chunks() {
        return chunks;
    }
}
