package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
        user.send("PRAGMA wal_checkpoint(TRUNCATE)");
        assertThat(follower.turnUntilAnswer(user)).startsWith("0|");
        Path copy = directory.resolve("copy.db");
        OtherProcess.copy(database, copy);
        assertThat(Arrays.equals(Files.readAllBytes(copy), follower.image())).isTrue();
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

    @Test
    void writingGoesOnWhileTheLogStartsOver() throws Exception {
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
}
