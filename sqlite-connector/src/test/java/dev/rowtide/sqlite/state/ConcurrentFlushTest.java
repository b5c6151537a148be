package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentFlushTest {
    private static final int TRANSACTIONS = 1500;

    @TempDir
    Path directory;

    @Test
    void imagesStayRightWhileTheShadowIsWrittenUnderThem() throws Exception {
        SplittableRandom random = new SplittableRandom(21);
        ModelDatabase model = new ModelDatabase(random.split());
        // A flush after the other, each cut in pieces by the writes between which others run.
        Probe slow = step -> {
            if (step == Probe.Step.SHADOW_WRITE) {
                Thread.yield();
            }
        };
        try (CaptureState state =
                CaptureState.open(directory, Directories.UNSYNCED, new Tuning(30_000, Duration.ZERO, slow))) {
            model.firstCopy(state, "first", 1000, 512, 60);
            CompletableFuture<Void> capture = CompletableFuture.runAsync(() -> capture(state, model, random.split()));
            DatabaseImage image = state.imageAt(1000);
            long flushes = 0;
            long shadow = state.shadowSeq();
            for (int i = 0; i < TRANSACTIONS; i++) {
                CapturedTransaction next =
                        state.after(image.seq(), Duration.ofSeconds(30)).orElseThrow();
                while (!model.commits.containsKey(next.header().seq())) {
                    Thread.onSpinWait();
                }
                DatabaseImage after = image.with(next);
                state.acknowledge(image.seq());
                model.check(image);
                model.check(after);
                image = after;
                if (state.shadowSeq() > shadow) {
                    shadow = state.shadowSeq();
                    flushes++;
                }
            }
            capture.get(10, TimeUnit.SECONDS);
            assertThat(flushes).isGreaterThan(20);
            assertThat(state.failure()).isNull();
        }
    }

    private static void capture(CaptureState state, ModelDatabase model, SplittableRandom random) {
        try {
            for (int i = 0; i < TRANSACTIONS; i++) {
                if (random.nextInt(50) == 0) {
                    model.appendComplete(state, random.nextBoolean() ? 512 : 1024, 30 + random.nextInt(30));
                } else {
                    model.append(state, 10);
                }
                if (random.nextInt(20) == 0) {
                    try (CaptureState.LatestImage latest = state.latest()) {
                        model.check(latest.image());
                    }
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
