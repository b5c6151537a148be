package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalDatabaseTest {
    @TempDir
    Path directory;

    private Path database;
    private OtherProcess user;

    @BeforeEach
    void make() throws IOException {
        database = directory.resolve("app.db");
        user = OtherProcess.on(database);
        user.all(
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=OFF",
                "PRAGMA cache_size=10",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                "INSERT INTO t VALUES(1, 'one')");
    }

    @AfterEach
    void end() throws IOException {
        user.close();
    }

    /** Lets the user copy the whole log into the file, and compares that with what was drained. */
    private void assertSamePages(Follower follower) throws IOException, InterruptedException {
        follower.turns(Duration.ofMillis(20));
        String answer;
        do {
            // Busy at once if it meets a checkpoint of ours.
            user.send("PRAGMA wal_checkpoint(TRUNCATE)");
            answer = follower.turnUntilAnswer(user);
        } while (answer.startsWith("1|"));
        assertThat(answer).startsWith("0|");
        Path copy = directory.resolve("copy.db");
        OtherProcess.copy(database, copy);
        assertThat(follower.sameAs(copy)).isTrue();
        Locks.assertHeld(database);
    }

    @Test
    void everyCommitComesOnceWithItsPages() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            assertThat(follower.live.changed()).isFalse();
            user.all("INSERT INTO t VALUES(2, 'two')", "INSERT INTO t VALUES(3, randomblob(100000))");
            assertThat(follower.live.changed()).isTrue();
            assertThat(follower.drain()).isEqualTo(2);
            assertThat(follower.live.changed()).isFalse();
            assertThat(follower.drain()).isZero();
            user.all("DELETE FROM t WHERE id = 3");
            assertThat(follower.drain()).isEqualTo(1);
            assertSamePages(follower);
        }
    }

    @Test
    void aFailingSinkIsAskedAgainFromTheSamePlace() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            LogPosition from = follower.position;
            user.all("INSERT INTO t VALUES(2, 'two')", "INSERT INTO t VALUES(3, randomblob(100000))");
            follower.failAfterPages = 5;
            assertThatThrownBy(follower::drain).hasMessage("the sink is full");
            Locks.assertHeld(database);
            follower.position = from;
            follower.commits = 0;
            assertThat(follower.drain()).isEqualTo(2);
            assertSamePages(follower);
        }
    }

    /** As a TRUNCATE checkpoint does, which has the write lock while it waits for our hold: waiting for it in turn would end with everybody's timeouts. */
    @Test
    void aReadingBeginsWhileSomebodyKeepsTheWriteLock() throws Exception {
        try (Follower follower = new Follower(database).copy();
                ReadTransaction transaction = ReadTransaction.connect(database, Duration.ofSeconds(1))) {
            LiveDatabase.Reader inner = transaction.reader();
            int[] begun = {0};
            follower.live.beginReading(new LiveDatabase.Reader() {
                @Override
                public void begin() throws IOException {
                    begun[0]++;
                    inner.begin();
                    if (begun[0] <= 20) {
                        user.all("INSERT INTO t(v) VALUES('meanwhile')");
                    }
                    if (begun[0] == 20) {
                        user.all("BEGIN IMMEDIATE");
                    }
                }

                @Override
                public void end() throws IOException {
                    inner.end();
                }
            });
            assertThat(begun[0]).isEqualTo(21);
            user.all("COMMIT");
            transaction.end();
            follower.drain();
        }
    }

    @Test
    void writingGoesOnWhileTheLogStartsOver() throws Exception {
        user.all("PRAGMA wal_autocheckpoint=0");
        try (Follower follower = new Follower(database).copy()) {
            for (int i = 0; i < 5; i++) {
                user.repeat(400, "INSERT INTO t(v) VALUES(randomblob(500))");
                assertThat(follower.turnUntilAnswer(user)).isEqualTo("0");
                Locks.assertHeld(database);
            }
            follower.drain();
            assertThat(follower.commits).isEqualTo(2000);
            assertThat(follower.live.metrics().checkpoints()).isPositive();
            assertSamePages(follower);
        }
    }

    @Test
    void whatWasRolledBackNeverComes() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            // The cache is small: frames are in the log long before the commit.
            user.all(
                    "BEGIN",
                    "INSERT INTO t(v) SELECT randomblob(9000) FROM (VALUES(1),(2),(3),(4),(5),(6),(7),(8),(9))");
            user.all("UPDATE t SET v = randomblob(8000)");
            follower.turns(Duration.ofMillis(20));
            assertThat(follower.commits).isZero();
            user.all("ROLLBACK", "INSERT INTO t(v) VALUES('kept')");
            assertThat(follower.drain()).isEqualTo(1);
            user.all("BEGIN", "INSERT INTO t(v) VALUES('a')", "SAVEPOINT s", "UPDATE t SET v = randomblob(30000)");
            user.all("ROLLBACK TO s", "INSERT INTO t(v) VALUES('b')", "COMMIT");
            assertThat(follower.drain()).isEqualTo(1);
            assertSamePages(follower);
        }
    }

    @Test
    void framesWithoutChecksumsAreBelievedIfTheIndexCountsThem() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            String many =
                    "INSERT INTO t(v) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT randomblob(3000) FROM n";
            // Pages that were spilled twice are written over; the savepoint is far before them, the new end of the
            // transaction, too.
            user.all("BEGIN", "INSERT INTO t(v) VALUES('a')", "SAVEPOINT s", many);
            user.all("UPDATE t SET v = randomblob(3000) WHERE id > 150", "ROLLBACK TO s");
            user.all("INSERT INTO t(v) VALUES(randomblob(50000))", "COMMIT", "INSERT INTO t(v) VALUES('after')");
            assertThat(follower.drain()).isEqualTo(2);
            // The new end of the transaction is behind them: checksums begin with zeros in the middle.
            user.all("BEGIN", many, "SAVEPOINT s", many);
            user.all(
                    "UPDATE t SET v = randomblob(3000) WHERE id > 250",
                    "UPDATE t SET v = randomblob(3000) WHERE id > 250");
            user.all(
                    "ROLLBACK TO s",
                    "INSERT INTO t(v) VALUES(randomblob(500000))",
                    "COMMIT",
                    "INSERT INTO t(v) VALUES('after')");
            LogPosition from = follower.position;
            for (follower.failAfterPages = 0; follower.failAfterPages < 300; follower.failAfterPages += 40) {
                int pages = follower.failAfterPages;
                assertThatThrownBy(follower::drain).hasMessage("the sink is full");
                assertThat(follower.live.canResume(follower.position)).isTrue();
                follower.failAfterPages = pages;
            }
            follower.failAfterPages = -1;
            int before = follower.commits;
            assertThat(follower.drain()).isLessThanOrEqualTo(2);
            assertThat(follower.commits).isEqualTo(4);
            assertThat(before).isLessThan(4);
            assertThat(from).isNotEqualTo(follower.position);
            if (OtherProcess.isPython() && SqliteLibrary.number(user.sql("SELECT sqlite_version()")) < 3_050_000) {
                assertThat(follower.live.metrics().zeroedFrames()).isPositive();
            }
            user.all("INSERT INTO t(v) VALUES('more')");
            assertThat(follower.drain()).isEqualTo(1);
            assertSamePages(follower);
        }
    }

    @Test
    void usersCheckpointsPassAndTheNextLogIsFollowed() throws Exception {
        try (Follower follower = new Follower(database).copy();
                OtherProcess second = OtherProcess.on(database)) {
            for (String kind : new String[] {"TRUNCATE", "RESTART", "FULL", "PASSIVE", "TRUNCATE", "TRUNCATE"}) {
                user.all("INSERT INTO t(v) VALUES(1)");
                second.send("PRAGMA wal_checkpoint(" + kind + ")");
                assertThat(follower.turnUntilAnswer(second)).startsWith("0|");
            }
            // This connection has never started a log over: the salts of the log that it begins are random.
            user.all("INSERT INTO t(v) VALUES(2)", "INSERT INTO t(v) VALUES(3)");
            follower.turn();
            assertThat(follower.commits).isEqualTo(8);
            assertSamePages(follower);
        }
    }

    @Test
    void aPositionIsResumedAfterReopening() throws Exception {
        LogPosition position;
        Follower first = new Follower(database).copy();
        user.all("INSERT INTO t(v) VALUES('seen')");
        first.drain();
        position = first.position;
        first.close();
        Locks.assertNone(database);
        user.all("INSERT INTO t(v) VALUES('unseen')");
        try (Follower second = new Follower(database)) {
            Locks.assertHeld(database);
            assertThat(second.live.canResume(position)).isTrue();
            assertThat(second.live.canResume(new LogPosition(
                            position.salt1(), position.salt2(), position.frame(), position.checksum1() + 1, 0)))
                    .isFalse();
            assertThat(second.live.canResume(new LogPosition(1, 2, 3, 4, 5))).isFalse();
            assertThat(second.live.canResume(LogPosition.NONE)).isFalse();
            second.position = position;
            second.pages.putAll(first.pages);
            assertThat(second.drain()).isEqualTo(1);
            assertSamePages(second);
        }
    }

    @Test
    void aLogThatStartedOverUnseenIsLost() throws Exception {
        LogPosition position;
        try (Follower first = new Follower(database).copy()) {
            position = first.position;
        }
        user.all("INSERT INTO t(v) VALUES('unseen')", "PRAGMA wal_checkpoint(PASSIVE)");
        try (Follower second = new Follower(database)) {
            // All is in the database, so we hold slot 0, which does not keep a writer from starting over before we
            // read.
            assertThat(second.live.canResume(position)).isTrue();
            user.all("INSERT INTO t(v) VALUES('over the old frames')");
            second.position = position;
            assertThatThrownBy(second::drain).isInstanceOf(LogLostException.class);
            assertSamePages(second.copy());
        }
    }

    @Test
    void aStandStillShowsOneCommitWhateverUsersDo() throws Exception {
        user.all("INSERT INTO t(v) VALUES(randomblob(300000))", "PRAGMA wal_checkpoint(PASSIVE)");
        try (Follower follower = new Follower(database).copy()) {
            LiveDatabase.Still still = follower.live.standStill();
            Map<Integer, byte[]> before = Map.copyOf(follower.pages);
            // Starts the log over, and writes over its frames.
            user.all("UPDATE t SET v = randomblob(300000)", "INSERT INTO t(v) VALUES(randomblob(300000))");
            user.sql("PRAGMA wal_checkpoint(PASSIVE)");
            for (int number = 1; number <= still.pageCount(); number++) {
                assertThat(still.page(number)).isEqualTo(before.get(number));
            }
            assertThat(follower.drain()).isEqualTo(2);
            still.close();
            assertSamePages(follower);
        }
    }

    @Test
    void aStandStillIsFoundWhileSomebodyCommitsAllTheTime() throws Exception {
        user.repeat(1500, "INSERT INTO t(v) VALUES(randomblob(300))");
        try (Follower follower = new Follower(database)) {
            for (int i = 0; i < 3; i++) {
                follower.copy();
                follower.turn();
            }
            assertThat(follower.turnUntilAnswer(user)).isEqualTo("0");
            assertSamePages(follower);
        }
    }

    @Test
    void interruptsAndTheGarbageCollectorLeaveTheLocksAlone() throws Exception {
        try (Follower follower = new Follower(database)) {
            Thread.currentThread().interrupt();
            follower.copy();
            user.all("INSERT INTO t(v) VALUES('while interrupted')");
            follower.drain();
            follower.live.tend(follower.position);
            assertThat(Thread.interrupted()).isTrue();
            System.gc();
            Locks.assertHeld(database);
            assertThat(follower.commits).isEqualTo(1);
            assertSamePages(follower);
        }
    }

    @Test
    void damagedFramesAreAnErrorAndNeverPages() throws Exception {
        try (Follower follower = new Follower(database).copy()) {
            user.all("INSERT INTO t(v) VALUES(randomblob(100))");
            Path wal = Path.of(database + "-wal");
            try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
                file.seek(file.length() - 50);
                file.write(99);
            }
            assertThatThrownBy(follower::drain)
                    .isInstanceOf(DamagedDatabaseException.class)
                    .hasMessageContaining("app.db-wal is damaged: frame ")
                    .hasMessageContaining("checksum");
            assertThat(follower.commits).isZero();
            Locks.assertHeld(database);
        }
    }

    @Test
    void aHeaderThatADeadWriterLeftTornIsRecovered() throws Exception {
        assumeTrue(OtherProcess.isPython());
        try (Follower follower = new Follower(database).copy()) {
            user.all("INSERT INTO t(v) VALUES(1)");
            String tear = "f=open('" + database + "-shm','r+b'); f.seek(56); f.write(b'xxxx')";
            OtherProcess.run("python3", "-c", tear);
            assertThat(follower.live.changed()).isTrue();
            assertThat(follower.drain()).isEqualTo(1);
            user.all("INSERT INTO t(v) VALUES(2)");
            assertThat(follower.drain()).isEqualTo(1);
            assertSamePages(follower);
        }
    }

    @Test
    void oneConnectorAtATimeFollowsADatabase() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (Follower follower = new Follower(database).copy()) {
                assertThatThrownBy(() -> new Follower(database))
                        .isInstanceOf(UnusableDatabaseException.class)
                        .hasMessageContaining("already followed by another connector of this process");
                Locks.assertHeld(database);
                user.all("INSERT INTO t(v) VALUES(1)");
                assertThat(follower.drain()).isEqualTo(1);
            }
            Locks.assertNone(database);
        }
        // Also when we are the last to close, and SQLite deletes the log.
        Follower last = new Follower(database).copy();
        user.close();
        last.close();
        assertThat(Path.of(database + "-wal")).doesNotExist();
        try (Follower again = new Follower(database).copy()) {
            Locks.assertHeld(database);
            assertThat(again.pageCount).isEqualTo(last.pageCount);
        }
    }

    @Test
    void replacedAndDeletedFilesAreNoticed() throws Exception {
        Path other = directory.resolve("other.db");
        OtherProcess.copy(database, other);
        for (String[] command : new String[][] {
            {"mv", other.toString(), database.toString()},
            {"rm", database + "-wal", database + "-shm"},
            {"rm", database.toString()}
        }) {
            try (Follower follower = new Follower(database).copy()) {
                OtherProcess.run(command);
                assertThatThrownBy(() -> follower.turns(Duration.ofSeconds(2)))
                        .isInstanceOf(LogLostException.class)
                        .hasMessageContaining("app.db");
            }
        }
    }
}
