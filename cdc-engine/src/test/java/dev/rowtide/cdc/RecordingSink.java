package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps everything that it is given, duplicates included; counts as delivered at once. */
public final class RecordingSink implements ChangeSink {
    public final List<DataChangeEvent> events = new CopyOnWriteArrayList<>();
    public final List<GapReason> gaps = new CopyOnWriteArrayList<>();
    private volatile @Nullable Position reached;

    @Override
    public void publish(List<DataChangeEvent> batch) {
        assertThat(batch).isNotEmpty();
        events.addAll(batch);
    }

    @Override
    public void reached(Position boundary) {
        reached = boundary;
    }

    @Override
    public @Nullable Position delivered() {
        return reached;
    }

    @Override
    public void sourceLost(GapReason reason, Position first) {
        gaps.add(reason);
        reached = first;
    }

    /** Waits until that many events are there, and gives them. */
    public List<DataChangeEvent> awaitEvents(int count) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(events).hasSizeGreaterThanOrEqualTo(count));
        return List.copyOf(events);
    }
}
