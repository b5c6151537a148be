package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateModelTest {
    private static final CaptureState.Limits LIMITS = new CaptureState.Limits(64 << 20, false);
    private static final long SMALL_SEGMENT = 20_000;

    @TempDir
    Path directory;

    private final int[] pageSizes = {512, 1024, 4096};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyImageIsTheCommitThatItNamesThroughAnyAcknowledgementsAndRestarts(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        ModelDatabase model = new ModelDatabase(random);
        CaptureState state = open();
        model.firstCopy(state, "first", 1000, 512, 1 + random.nextInt(40));
        DatabaseImage image = state.imageAt(1000);
        long acknowledged = 1000;
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3, 4 -> model.append(state, 12);
                case 5, 6, 7, 8 -> image = emit(state, model, image);
                case 9, 10 -> {
                    acknowledged = Math.max(
                            acknowledged, random.nextLong(acknowledged, Math.max(acknowledged, image.seq()) + 1));
                    state.acknowledge(acknowledged);
                }
                case 11 -> {
                    if (random.nextInt(4) == 0) {
                        model.appendComplete(state, pageSizes[random.nextInt(3)], 1 + random.nextInt(30));
                    }
                    try (CaptureState.TransactionWriter writer = state.append()) {
                        writer.page(1, new byte[4096]);
                        writer.page(7, new byte[4096]);
                    }
                }
                case 12 -> {
                    try (CaptureState.LatestImage latest = state.latest()) {
                        assertThat(latest.image().seq()).isEqualTo(state.lastSeq());
                        model.check(latest.image());
                    }
                }
                default -> {
                    state.close();
                    state = open();
                    assertThat(state.shadowSeq()).isEqualTo(model.commits.floorKey(acknowledged));
                    assertThat(state.lastSeq()).isEqualTo(model.commits.lastKey());
                    assertThat(state.end()).isEqualTo(model.newest().end());
                    image = state.imageAt(random.nextLong(acknowledged, Math.max(acknowledged, image.seq()) + 1));
                    model.check(image);
                }
            }
        }
        while (image.seq() < state.lastSeq()) {
            image = emit(state, model, image);
        }
        state.acknowledge(Long.MAX_VALUE);
        CaptureState last = state;
        Awaitility.await().until(() -> last.shadowSeq() == model.commits.lastKey());
        model.check(image);
        assertThat(state.spoolBytes()).isZero();
        state.close();
    }

    private CaptureState open() throws IOException {
        return CaptureState.open(directory, LIMITS, new Tuning(SMALL_SEGMENT, Duration.ofMillis(3), Probe.NONE));
    }

    private static DatabaseImage emit(CaptureState state, ModelDatabase model, DatabaseImage before) throws Exception {
        CapturedTransaction next = state.after(before.seq(), Duration.ZERO).orElse(null);
        if (next == null) {
            assertThat(before.seq()).isEqualTo(state.lastSeq());
            return before;
        }
        assertThat(next.header().seq()).isEqualTo(model.commits.higherKey(before.seq()));
        model.check(next);
        DatabaseImage after = before.with(next);
        model.check(after);
        model.check(before);
        return after;
    }
}
