package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.state.CaptureState.TransactionWriter;
import dev.rowtide.sqlite.state.Probe.Step;
import dev.rowtide.sqlite.state.TransactionHeader.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureStateTest {
    @TempDir
    Path temporary;

    private final ModelDatabase model = new ModelDatabase(new SplittableRandom(11));

    private Path directory() {
        return temporary.resolve("a").resolve("state");
    }

    private CaptureState open() throws IOException {
        return CaptureState.open(directory(), Directories.UNSYNCED);
    }

    private CaptureState opened() throws IOException {
        CaptureState state = open();
        model.firstCopy(state, "first", 1000, 512, 12);
        return state;
    }

    private static CaptureState withProbe(Path directory, boolean sync, Probe probe) throws IOException {
        return CaptureState.open(
                directory,
                sync ? Directories.SYNCED : Directories.UNSYNCED,
                new Tuning(20_000, Duration.ofMillis(1), probe));
    }

    @Test
    void theStateIsWhatWasToldOfIt() throws Exception {
        try (CaptureState state = opened()) {
            assertThat(state.exists()).isTrue();
            assertThat(state.id()).contains("first");
            assertThat(state.databasePath()).isEqualTo("/data/app.db");
            assertThat(state.shadowSeq()).isEqualTo(1000);
            assertThat(state.lastSeq()).isEqualTo(1000);
            assertThat(state.end()).isEqualTo(model.newest().end());
        }
        assertThat(Files.readString(directory().resolve("shadow.meta"))).startsWith("{\"format\":1,\"id\":\"first\",");
    }

    @Test
    void namesWithAnythingInThemSurvive() throws Exception {
        String id = "q\"\\ \n\u0001é\u2028\uD83D\uDE00\uD800,\"crc\":1}";
        ShadowMeta meta = new ShadowMeta(
                id, id + "x".repeat(9000), 1, Long.MAX_VALUE, 65536, 7, new LogPosition(-1, 2, 3, -4, 5));
        assertThat(ShadowMeta.decode(meta.encode())).isEqualTo(meta);
    }

    @Test
    void onlyTheOwnerMayReadAnything() throws Exception {
        try (CaptureState state = opened()) {
            model.append(state, 3);
            assertThat(permissions(directory())).isEqualTo("rwx------");
            try (Stream<Path> paths = Files.walk(directory())) {
                for (Path path : paths.toList()) {
                    assertThat(permissions(path))
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                }
            }
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void aSecondOpenerIsRefusedAndDoesNotDisturbTheFirst() throws Exception {
        Path link = temporary.resolve("link");
        try (CaptureState state = opened()) {
            Files.createSymbolicLink(link, directory());
            for (Path path : List.of(directory(), link)) {
                assertThatThrownBy(() -> CaptureState.open(path, Directories.UNSYNCED))
                        .isInstanceOf(StateInUseException.class)
                        .hasMessageContaining(path.toString())
                        .hasMessageContaining("of this process");
            }
            assertThat(OtherProcess.run(OpenIt.class, directory())).contains("in use by another process");
            model.append(state, 3);
        }
        assertThat(OtherProcess.run(OpenIt.class, directory())).contains("opened at " + model.commits.lastKey());
        open().close();
    }

    /** Says what became of opening a directory. */
    static final class OpenIt {
        public static void main(String[] arguments) throws IOException {
            try (CaptureState state = CaptureState.open(Path.of(arguments[0]), Directories.UNSYNCED)) {
                System.out.println("opened at " + state.lastSeq());
            } catch (StateInUseException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void waitingEndsWithTheCommitTheTimeoutOrTheClose() throws Exception {
        CaptureState state = opened();
        assertThat(state.after(1000, Duration.ofMillis(20))).isEmpty();
        CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return state.after(1000, Duration.ofSeconds(30))
                        .orElseThrow()
                        .header()
                        .seq();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        model.append(state, 3);
        assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(model.commits.lastKey());

        CompletableFuture<String> closed = CompletableFuture.supplyAsync(() -> {
            try {
                return "" + state.after(state.lastSeq(), Duration.ofSeconds(30));
            } catch (IOException | InterruptedException e) {
                return e.getMessage();
            }
        });
        state.close();
        assertThat(closed.get(5, TimeUnit.SECONDS)).contains("is closed");
        assertThatThrownBy(state::append).hasMessageContaining("is closed");
        state.close();
    }

    @Test
    void whatWasAcknowledgedIsInTheShadowAfterClose() throws Exception {
        try (CaptureState state = opened()) {
            for (int i = 0; i < 20; i++) {
                model.append(state, 5);
            }
            state.acknowledge(Long.MAX_VALUE);
            state.acknowledge(5);
        }
        assertThat(Directories.segments(directory())).isEmpty();
        byte[] shadow = Files.readAllBytes(directory().resolve("shadow.db"));
        ModelDatabase.Commit newest = model.newest();
        assertThat(shadow).hasSize(newest.pageCount() * 512);
        try (CaptureState state = open()) {
            assertThat(state.shadowSeq()).isEqualTo(model.commits.lastKey());
            model.check(state.imageAt(state.lastSeq()));
            assertThat(model.append(state, 2).header().seq()).isGreaterThan(state.shadowSeq());
        }
    }

    @Test
    void anEpochJumpsAhead() throws Exception {
        try (CaptureState state = opened()) {
            state.jumpTo(5000);
            state.jumpTo(4000);
            assertThat(commit(state)).isEqualTo(5000);
            assertThat(commit(state)).isEqualTo(5001);
            state.jumpTo(7000);
            assertThat(commit(state)).isEqualTo(7000);
            assertThat(state.imageAt(6000).seq()).isEqualTo(5001);
            assertThat(state.after(5001, Duration.ZERO).orElseThrow().header().seq())
                    .isEqualTo(7000);
        }
    }

    private static long commit(CaptureState state) throws IOException {
        try (TransactionWriter writer = state.append()) {
            writer.page(1, new byte[512]);
            return writer.commit(Kind.COMMIT, 512, 12, false, LogPosition.NONE)
                    .header()
                    .seq();
        }
    }

    @Test
    void misuseIsRefused() throws Exception {
        try (CaptureState state = opened()) {
            try (TransactionWriter writer = state.append()) {
                writer.page(1, new byte[512]);
                assertThatThrownBy(() -> writer.page(2, new byte[1024])).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> writer.page(0, new byte[512])).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(state::append).isInstanceOf(IllegalStateException.class);
            }
            model.append(state, 4);
            DatabaseImage image = state.imageAt(1000);
            assertThatThrownBy(() -> image.page(0)).isInstanceOf(DamagedDatabaseException.class);
            assertThatThrownBy(() -> image.page(13)).isInstanceOf(DamagedDatabaseException.class);
            CapturedTransaction transaction = state.after(1000, Duration.ZERO).orElseThrow();
            assertThatThrownBy(() -> transaction.page(99)).hasMessageContaining("did not change page 99");
            DatabaseImage next = image.with(transaction);
            assertThatThrownBy(() -> next.with(transaction)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> state.imageAt(999)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> state.imageAt(99_999)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> state.after(999, Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> new CaptureState.Limits(1, true)).hasMessageContaining("67108864");
    }

    @Test
    void anImageThatIsGoneSaysSo() throws Exception {
        try (CaptureState state = withProbe(directory(), false, Probe.NONE)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            DatabaseImage image = state.imageAt(1000);
            for (int i = 0; i < 3; i++) {
                model.append(state, 4);
            }
            DatabaseImage second = image.with(state.after(1000, Duration.ZERO).orElseThrow());
            DatabaseImage third =
                    second.with(state.after(second.seq(), Duration.ZERO).orElseThrow());
            assertThatThrownBy(() -> image.page(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() ->
                            image.with(state.after(third.seq(), Duration.ZERO).orElseThrow()))
                    .isInstanceOf(IllegalStateException.class);
            model.check(second);
            model.check(third);
            DatabaseImage other = state.imageAt(second.seq());
            state.acknowledge(state.lastSeq());
            Awaitility.await().until(() -> state.shadowSeq() == state.lastSeq());
            assertThatThrownBy(() -> model.check(other))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("acknowledged");
        }
    }

    @Test
    void anInterruptedThreadReadsOnAndNobodyElseIsHarmed() throws Exception {
        try (CaptureState state = opened()) {
            model.append(state, 6);
            CapturedTransaction transaction = state.after(1000, Duration.ZERO).orElseThrow();
            Thread.currentThread().interrupt();
            DatabaseImage image = state.imageAt(1000);
            model.check(image);
            model.check(transaction);
            model.check(image.with(transaction));
            model.append(state, 6);
            assertThat(Thread.interrupted()).isTrue();
            model.check(state.imageAt(state.lastSeq()));
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void aFullSpoolIsFreeAgainOnceItIsAcknowledged() throws Exception {
        try (CaptureState state = CaptureState.open(
                directory(), Directories.UNSYNCED, new Tuning(16 << 20, Duration.ofMillis(1), Probe.NONE))) {
            model.firstCopy(state, "first", 1000, 65536, 12);
            byte[] page = new byte[65536];
            while (!state.full()) {
                try (TransactionWriter writer = state.append()) {
                    for (int i = 0; i < 200; i++) {
                        writer.page(1 + i % 12, page);
                    }
                    writer.commit(Kind.COMMIT, 65536, 12, false, LogPosition.NONE);
                }
            }
            assertThat(state.spoolBytes()).isGreaterThan(64 << 20);
            // A transaction that is refused is taken back after the flush, and must not keep the segment.
            TransactionWriter refused = state.append();
            refused.page(1, page);
            state.acknowledge(state.lastSeq());
            Awaitility.await().until(() -> state.shadowSeq() == state.lastSeq());
            refused.close();
            assertThat(state.full()).isFalse();
            assertThat(state.spoolBytes()).isZero();
        }
    }

    @Test
    void aTransactionThatCannotBeWrittenIsTakenBackAndTheNextOneIsNot() throws Exception {
        AtomicBoolean diskFull = new AtomicBoolean();
        Probe probe = step -> {
            if (step == Step.SPOOL_WRITE && diskFull.get()) {
                throw new IOException("No space left on device");
            }
        };
        try (CaptureState state = withProbe(directory(), false, probe)) {
            model.firstCopy(state, "first", 1000, 512, 2000);
            model.append(state, 5);
            long last = state.lastSeq();
            long bytes = state.spoolBytes();
            TransactionWriter large = state.append();
            for (int page = 1; page < 600; page++) {
                large.page(page, new byte[512]);
            }
            assertThat(state.spoolBytes()).isGreaterThan(600 * 500);
            diskFull.set(true);
            assertThatThrownBy(() -> {
                        for (int page = 1; page < 600; page++) {
                            large.page(page, new byte[512]);
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left")
                    .hasMessageContaining(directory().toString());
            large.close();
            TransactionWriter small = state.append();
            small.page(1, new byte[512]);
            assertThatThrownBy(() -> small.commit(Kind.COMMIT, 512, 2000, false, LogPosition.NONE))
                    .hasMessageContaining("No space left");
            small.close();
            assertThat(state.lastSeq()).isEqualTo(last);
            assertThat(state.spoolBytes()).isEqualTo(bytes);
            assertThat(Directories.segments(directory()))
                    .singleElement()
                    .satisfies(it -> assertThat(it).hasSize(bytes));
            diskFull.set(false);
            model.append(state, 5);
            assertThat(state.failure()).isNull();
            model.check(state.imageAt(state.lastSeq()));
        }
        try (CaptureState state = open()) {
            model.check(state.imageAt(model.commits.lastKey()));
        }
    }

    @Test
    void aShadowThatCannotBeWrittenStopsEverybodyAndIsMadeGoodLater() throws Exception {
        Probe probe = step -> {
            if (step == Step.SHADOW_WRITE && Thread.currentThread().getName().equals("sqlite-shadow")) {
                throw new IOException("Input/output error");
            }
        };
        try (CaptureState state = withProbe(directory(), false, probe)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            commit(state);
            CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return "" + state.after(state.lastSeq(), Duration.ofSeconds(30));
                } catch (IOException | InterruptedException e) {
                    return e.getMessage();
                }
            });
            state.acknowledge(state.lastSeq());
            assertThat(waiting.get(5, TimeUnit.SECONDS)).contains("Input/output error");
            assertThat(state.failure()).hasMessage("Input/output error");
            assertThatThrownBy(state::append).hasMessageContaining("Input/output error");
        }
        try (CaptureState state = open()) {
            assertThat(state.shadowSeq()).isEqualTo(1001);
            assertThat(state.imageAt(1001).page(1)).isEqualTo(new byte[512]);
        }
    }

    @Test
    void theTargetIsSafeBeforeThePagesAndThePagesBeforeTheMeta() throws Exception {
        List<Step> steps = Collections.synchronizedList(new ArrayList<>());
        Probe probe = step -> {
            if (Thread.currentThread().getName().equals("sqlite-shadow")) {
                steps.add(step);
            }
        };
        try (CaptureState state = withProbe(directory(), true, probe)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            commit(state);
            state.acknowledge(state.lastSeq());
            Awaitility.await().until(() -> steps.contains(Step.SEGMENT_DELETE));
        }
        assertThat(steps)
                .containsExactly(
                        Step.SPOOL_SYNC,
                        Step.DIRECTORY_SYNC,
                        Step.META_WRITE,
                        Step.META_SYNC,
                        Step.META_RENAME,
                        Step.DIRECTORY_SYNC,
                        Step.SHADOW_WRITE,
                        Step.SHADOW_SYNC,
                        Step.META_WRITE,
                        Step.META_SYNC,
                        Step.META_RENAME,
                        Step.DIRECTORY_SYNC,
                        Step.SEGMENT_DELETE);
    }

    @Test
    void withoutSyncNothingIsForced() throws Exception {
        List<Step> steps = Collections.synchronizedList(new ArrayList<>());
        try (CaptureState state = withProbe(directory(), false, steps::add)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            for (int i = 0; i < 100; i++) {
                model.append(state, 5);
                state.acknowledge(state.lastSeq());
            }
        }
        assertThat(steps)
                .contains(Step.SHADOW_WRITE)
                .doesNotContain(Step.SPOOL_SYNC, Step.SHADOW_SYNC, Step.META_SYNC, Step.DIRECTORY_SYNC);
    }

    @Test
    void aPageThatWasReadBeforeAFlushIsReadAgainAfterIt() throws Exception {
        try (CaptureState state = withProbe(directory(), false, Probe.NONE)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            for (int i = 0; i < 20; i++) {
                model.check(state.imageAt(state.lastSeq()));
                model.append(state, 5);
                state.acknowledge(state.lastSeq());
                Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> state.shadowSeq() == state.lastSeq());
                model.check(state.imageAt(state.lastSeq()));
            }
        }
    }

    @Test
    void theLatestImageKeepsTheShadowStill() throws Exception {
        try (CaptureState state = withProbe(directory(), false, Probe.NONE)) {
            model.firstCopy(state, "first", 1000, 512, 12);
            model.append(state, 5);
            try (CaptureState.LatestImage latest = state.latest()) {
                state.acknowledge(state.lastSeq());
                model.append(state, 5);
                Thread.sleep(50);
                assertThat(state.shadowSeq()).isEqualTo(1000);
                model.check(latest.image());
                latest.close();
            }
            Awaitility.await().until(() -> state.shadowSeq() > 1000);
        }
    }

    @Test
    void aSecondFirstCopyTakesNothingOfTheFirst() throws Exception {
        try (CaptureState state = opened()) {
            for (int i = 0; i < 5; i++) {
                model.append(state, 5);
            }
            DatabaseImage old = state.imageAt(1000);
            state.acknowledge(state.lastSeq());
            model.firstCopy(state, "second", 500, 1024, 5);
            assertThatThrownBy(() -> model.check(old)).isInstanceOf(Exception.class);
            assertThat(state.lastSeq()).isEqualTo(500);
            assertThat(state.spoolBytes()).isZero();
            CapturedTransaction next = model.append(state, 3);
            assertThat(state.shadowSeq()).isEqualTo(500);
            model.check(state.imageAt(next.header().seq()));
        }
        try (CaptureState state = open()) {
            assertThat(state.id()).contains("second");
            model.check(state.imageAt(state.lastSeq()));
        }
    }

    @Test
    void aTransactionWithoutPagesIsOneToo() throws Exception {
        try (CaptureState state = opened()) {
            try (TransactionWriter writer = state.append()) {
                writer.commit(Kind.RESYNC, 512, 7, false, LogPosition.NONE);
            }
        }
        try (CaptureState state = open()) {
            CapturedTransaction transaction = state.after(1000, Duration.ZERO).orElseThrow();
            assertThat(transaction.changedPages()).isEmpty();
            assertThat(transaction.header().kind()).isEqualTo(Kind.RESYNC);
            assertThat(state.imageAt(1001).pageCount()).isEqualTo(7);
        }
    }
}
