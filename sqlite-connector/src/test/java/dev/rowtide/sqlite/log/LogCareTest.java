package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

class LogCareTest {
    /** In memory where that can be had: how long others keep the disk busy is not what is measured. */
    @TempDir(factory = Memory.class)
    Path directory;

    static final class Memory implements TempDirFactory {
        private static final Path MEMORY = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "log-care")
                    : Files.createTempDirectory("log-care");
        }
    }

    private Path database;
    private OtherProcess user;

    @BeforeEach
    void make() throws IOException {
        database = directory.resolve("app.db");
        user = OtherProcess.on(database, Duration.ZERO);
        user.all(
                "PRAGMA page_size=4096",
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=OFF",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    }

    @AfterEach
    void end() throws IOException {
        user.close();
    }

    private long walBytes() throws IOException {
        return Files.size(Path.of(database + "-wal"));
    }

    private void assertSamePages(Follower follower) throws Exception {
        follower.turns(Duration.ofMillis(50));
        user.all("PRAGMA busy_timeout=2000");
        String answer;
        do {
            user.send("PRAGMA wal_checkpoint(TRUNCATE)");
            answer = follower.turnUntilAnswer(user);
        } while (answer.startsWith("1|"));
        Path copy = directory.resolve("copy.db");
        OtherProcess.copy(database, copy);
        assertThat(follower.sameAs(copy)).isTrue();
    }

    @Test
    void theLogStaysBoundedWhateverIsWritten() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            long largest = 0;
            int busy = 0;
            for (int i = 0; i < 40; i++) {
                user.repeat(100, "INSERT INTO t(v) VALUES(randomblob(8000))");
                busy += Integer.parseInt(follower.turnUntilAnswer(user));
                largest = Math.max(largest, walBytes());
            }
            // Without care the log would have 50 MB.
            assertThat(follower.commits).isEqualTo(4000);
            assertThat(largest).isLessThan(40 << 20);
            assertThat(busy).as("commits that met a lock of ours").isLessThan(60);
            assertSamePages(follower);
        }
    }

    @Test
    void aBarrierMakesTheGapThatWritersDoNotLeave() throws Exception {
        user.all("PRAGMA wal_autocheckpoint=0");
        try (Follower follower = new Follower(database).copy()) {
            user.repeat(1500, "INSERT INTO t(v) VALUES(randomblob(8000))");
            assertThat(user.answer()).isEqualTo("0");
            follower.drain();
            long frames = follower.live.metrics().walBytes() / 4120;
            for (int i = 0; i < 500 && follower.live.metrics().backfilledFrames() < frames; i++) {
                Thread.sleep(10);
            }
            assertThat(follower.live.metrics().barriers()).isZero();
            for (int i = 0; i < 50 && follower.live.metrics().barriers() == 0; i++) {
                user.all("INSERT INTO t(v) VALUES(1)");
                follower.drain();
                Thread.sleep(20);
            }
            assertThat(follower.live.metrics().barriers()).isEqualTo(1);
            assertThat(follower.live.metrics().barrierNanos()).isPositive();
            user.all("INSERT INTO t(v) VALUES(2)");
            follower.drain();
            assertThat(follower.live.metrics().walBytes()).isLessThan(10 * 4120);
            Locks.assertHeld(database);
            assertSamePages(follower);
        }
    }

    @Test
    void aPauseIsEnoughForTheLogToStartOver() throws Exception {
        LiveOptions noBarrier = new LiveOptions(true, 1 << 20, false, Duration.ofSeconds(2), true);
        user.all("PRAGMA wal_autocheckpoint=0");
        try (Follower follower = new Follower(database, noBarrier).copy()) {
            for (int i = 0; i < 6; i++) {
                user.repeat(300, "INSERT INTO t(v) VALUES(randomblob(8000))");
                assertThat(follower.turnUntilAnswer(user)).isEqualTo("0");
                long end = System.nanoTime() + 5_000_000_000L;
                while (follower.live.metrics().walBytes() > 100_000
                        && follower.live.metrics().backfilledFrames() * 4120
                                < follower.live.metrics().walBytes() - 4120
                        && System.nanoTime() < end) {
                    follower.turns(Duration.ofMillis(20));
                }
                follower.turns(Duration.ofMillis(30));
            }
            assertThat(walBytes()).isLessThan(2 * 300 * 3 * 4200);
            assertThat(follower.live.metrics().barriers()).isZero();
            assertThat(follower.live.metrics().checkpoints()).isGreaterThan(1);
        }
    }

    @Test
    void aUsersLongReadIsMeasuredAndForgotten() throws Exception {
        user.all("PRAGMA wal_autocheckpoint=0", "INSERT INTO t(v) VALUES(1)");
        try (Follower follower = new Follower(database).copy();
                OtherProcess reader = OtherProcess.on(database)) {
            reader.all("BEGIN", "SELECT * FROM t");
            user.repeat(500, "INSERT INTO t(v) VALUES(randomblob(8000))");
            follower.turnUntilAnswer(user);
            follower.turns(Duration.ofMillis(500));
            assertThat(follower.live.metrics().heldByOthersMillis()).isPositive();
            if (Files.isReadable(Path.of("/proc/locks"))) {
                assertThat(LockTable.readersOfLog(Path.of(database + "-shm"))).isEqualTo("process " + reader.pid());
            }
            reader.all("COMMIT");
            for (int i = 0; i < 50 && follower.live.metrics().heldByOthersMillis() != 0; i++) {
                follower.turns(Duration.ofMillis(100));
            }
            assertThat(follower.live.metrics().heldByOthersMillis()).isZero();
        }
    }

    @Test
    void aHugeTransactionWithHugePagesIsStreamed() throws Exception {
        Path large = directory.resolve("large.db");
        try (OtherProcess writer = OtherProcess.on(large)) {
            writer.all(
                    "PRAGMA page_size=65536", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", "CREATE TABLE t(v)");
            try (LiveDatabase live = LiveDatabase.open(large, Follower.OPTIONS)) {
                LogPosition from;
                try (LiveDatabase.Still still = live.standStill()) {
                    assertThat(still.pageSize()).isEqualTo(65536);
                    from = still.position();
                }
                writer.all("INSERT INTO t VALUES(zeroblob(20000000))");
                int[] pages = new int[2];
                LogPosition end = live.drain(from, new LiveDatabase.TransactionSink() {
                    @Override
                    public void page(int number, byte[] content) {
                        assertThat(content).hasSize(65536);
                        pages[0]++;
                    }

                    @Override
                    public void commit(int pageSize, int pageCount, LogPosition position) {
                        pages[1]++;
                    }
                });
                assertThat(pages[0]).isBetween(305, 320);
                assertThat(pages[1]).isEqualTo(1);
                live.tend(end);
                Locks.assertHeld(large);
            }
        }
    }
}
