package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the directory before every step, as it would be found if the process ended there. */
class CrashTest {
    @TempDir
    Path temporary;

    private final Map<Step, Integer> crashes = new EnumMap<>(Step.class);
    private ModelDatabase model;
    private SplittableRandom dice;
    private volatile long acknowledged;
    private volatile boolean watching;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void afterACrashAtAnyStepEveryCommitIsThereAndTheShadowIsOneOfThem(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        dice = random.split();
        model = new ModelDatabase(random.split());
        Path directory = temporary.resolve("state");
        Tuning tuning = new Tuning(6_000, Duration.ofMillis(1), step -> crashAt(step, directory));
        try (CaptureState state = CaptureState.open(directory, Directories.SYNCED, tuning)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            acknowledged = 1000;
            watching = true;
            for (int i = 0; i < 40; i++) {
                synchronized (this) {
                    if (random.nextInt(15) == 0) {
                        model.appendComplete(state, random.nextBoolean() ? 512 : 1024, 1 + random.nextInt(20));
                    } else {
                        model.append(state, 5);
                    }
                }
                if (random.nextInt(4) == 0) {
                    acknowledged = random.nextLong(acknowledged, state.lastSeq() + 1);
                    state.acknowledge(acknowledged);
                }
            }
            acknowledged = state.lastSeq();
            state.acknowledge(acknowledged);
            Awaitility.await().until(() -> state.shadowSeq() == state.lastSeq());
            watching = false;
            assertThat(state.failure()).isNull();
        }
        assertThat(crashes.keySet())
                .contains(
                        Step.SPOOL_WRITE,
                        Step.SPOOL_SYNC,
                        Step.SEGMENT_DELETE,
                        Step.SHADOW_WRITE,
                        Step.SHADOW_SYNC,
                        Step.META_WRITE,
                        Step.META_SYNC,
                        Step.META_RENAME,
                        Step.DIRECTORY_SYNC);
    }

    /** On the thread that is about to do the step; the other one is kept from committing meanwhile. */
    private synchronized void crashAt(Step step, Path directory) throws IOException {
        if (!watching) {
            return;
        }
        crashes.merge(step, 1, Integer::sum);
        Path crashed = temporary.resolve("crashed");
        Directories.copy(directory, crashed);
        garbleTornPages(crashed);
        Tuning quiet = new Tuning(6_000, Duration.ofDays(1), Probe.NONE);
        try (CaptureState found = CaptureState.open(crashed, Directories.UNSYNCED, quiet)) {
            assertThat(found.lastSeq()).isEqualTo(model.commits.lastKey());
            assertThat(found.end()).isEqualTo(model.newest().end());
            assertThat(found.shadowSeq()).isLessThanOrEqualTo(acknowledged);
            DatabaseImage image = found.imageAt(found.shadowSeq());
            model.check(image);
            while (image.seq() < found.lastSeq()) {
                CapturedTransaction next =
                        found.after(image.seq(), Duration.ZERO).orElseThrow();
                model.check(next);
                image = image.with(next);
            }
            model.check(image);
        } catch (Exception | Error e) {
            throw new AssertionError("Crashed before " + step + ": " + e.getMessage(), e);
        }
    }

    /** A page that was being written may be anything. */
    private void garbleTornPages(Path directory) throws IOException {
        StateFiles files = new StateFiles(directory, false, Probe.NONE);
        ShadowMeta meta;
        try (Shadow shadow = Shadow.open(files)) {
            meta = shadow.meta();
        }
        if (meta.seq() == meta.target()) {
            return;
        }
        try (Spool spool = new SpoolRecovery(files, meta).run(6_000, () -> {});
                RandomAccessFile shadow = new RandomAccessFile(files.shadow().toFile(), "rw")) {
            SpooledTransaction next = spool.first(meta.seq());
            while (next != null && next.header().seq() <= meta.target()) {
                for (int page : next.changedPages()) {
                    if (dice.nextInt(3) == 0) {
                        shadow.seek(PageRuns.offset(page, next.header().pageSize()) + dice.nextInt(500));
                        shadow.write(new byte[] {66, 66, 66});
                    }
                }
                next = spool.first(next.header().seq());
            }
        }
    }

    @Test
    void aFirstCopyThatWasNotFinishedIsNoState() throws Exception {
        model = new ModelDatabase(new SplittableRandom(4));
        Path directory = temporary.resolve("state");
        try (CaptureState state = CaptureState.open(directory, Directories.SYNCED)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            model.append(state, 5);
            CaptureState.FirstCopy copy = state.firstCopy("second", "/data/app.db", 2000, 512, 3);
            assertThat(state.exists()).isFalse();
            copy.page(1, new byte[512]);
            Path crashed = temporary.resolve("crashed");
            Directories.copy(directory, crashed);
            try (CaptureState found = CaptureState.open(crashed, Directories.SYNCED)) {
                assertThat(found.exists()).isFalse();
                assertThatThrownBy(found::append).isInstanceOf(IllegalStateException.class);
                model.firstCopy(found, "third", 3000, 1024, 5);
                model.append(found, 5);
                model.check(found.imageAt(found.lastSeq()));
            }
            copy.close();
            assertThat(state.exists()).isFalse();
        }
        try (CaptureState state = CaptureState.open(directory, Directories.SYNCED)) {
            assertThat(state.exists()).isFalse();
        }
    }
}
