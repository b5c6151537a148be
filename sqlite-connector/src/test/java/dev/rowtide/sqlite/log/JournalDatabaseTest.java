package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDatabaseTest {
    private static final LiveOptions NO_SWITCH = new LiveOptions(false, 1 << 20, true, Duration.ofMillis(200), true);

    @TempDir
    Path directory;

    private Path database;
    private OtherProcess user;

    @BeforeEach
    void make() throws IOException {
        database = directory.resolve("app.db");
        Files.createFile(database);
        user = OtherProcess.on(database);
    }

    @AfterEach
    void end() throws IOException {
        user.close();
    }

    private void assertSamePages(Follower follower) throws IOException, InterruptedException {
        Path copy = directory.resolve("copy.db");
        OtherProcess.copy(database, copy);
        assertThat(follower.sameAs(copy)).isTrue();
    }

    @Test
    void commitsAreNoticedAndComparedUnderAReadLock() throws Exception {
        try (Follower follower = new Follower(database, NO_SWITCH)) {
            assertThat(follower.live.hasLog()).isFalse();
            assertThat(follower.live.changed()).isTrue();
            follower.copy();
            assertThat(follower.pageCount).isZero();
            assertThat(follower.position).isEqualTo(LogPosition.NONE);
            assertThat(follower.live.changed()).isFalse();
            assertThat(follower.live.canResume(LogPosition.NONE)).isFalse();

            user.all("CREATE TABLE t(a)", "INSERT INTO t VALUES(randomblob(20000))");
            assertThat(follower.live.changed()).isTrue();
            try (LiveDatabase.Still still = follower.live.standStill()) {
                assertThat(still.pageCount()).isGreaterThan(5);
                user.send("INSERT INTO t VALUES(2)");
                follower.live.tend(still.position());
            }
            assertThat(user.answer()).isEmpty();
            Locks.assertNone(database);
            assertThat(follower.live.changed()).isTrue();
            assertSamePages(follower.copy());
            assertThat(follower.live.changed()).isFalse();
        }
    }

    @Test
    void aWriterThatTakesLongerThanTheTimeoutIsAnErrorThatPasses() throws Exception {
        user.all("CREATE TABLE t(a)");
        try (Follower follower = new Follower(database, NO_SWITCH)) {
            user.all("BEGIN EXCLUSIVE", "INSERT INTO t VALUES(1)");
            assertThatThrownBy(follower::copy)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("could not be locked for reading within 200 ms");
            user.all("COMMIT");
            assertSamePages(follower.copy());
        }
    }

    @Test
    void aDatabaseThatGrewTooLargeOrGotALogIsToBeOpenedAgain() throws Exception {
        user.all("CREATE TABLE t(a)");
        try (Follower follower = new Follower(database, NO_SWITCH).copy()) {
            user.all("PRAGMA journal_mode=WAL");
            assertThat(follower.live.changed()).isTrue();
            assertThatThrownBy(follower::copy)
                    .isInstanceOf(LogLostException.class)
                    .hasMessageContaining("switched to WAL");
        }
        try (Follower follower = new Follower(database, NO_SWITCH).copy()) {
            assertThat(follower.live.hasLog()).isTrue();
        }
        user.all("PRAGMA journal_mode=DELETE");
        try (Follower follower = new Follower(database, NO_SWITCH).copy()) {
            assertThat(follower.live.hasLog()).isFalse();
            user.all("INSERT INTO t VALUES(randomblob(2000000))");
            assertThatThrownBy(follower::copy).isInstanceOf(UnusableDatabaseException.class);
            Locks.assertNone(database);
        }
    }

    @Test
    void aReplacedFileIsNoticed() throws Exception {
        user.all("CREATE TABLE t(a)");
        try (Follower follower = new Follower(database, NO_SWITCH).copy()) {
            Path other = directory.resolve("other.db");
            OtherProcess.copy(database, other);
            OtherProcess.run("mv", other.toString(), database.toString());
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 200; i++) {
                            follower.live.tend(follower.position);
                            Thread.sleep(10);
                        }
                    })
                    .isInstanceOf(LogLostException.class);
        }
    }
}
