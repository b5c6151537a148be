package dev.rowtide.sqlite.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer dies while it publishes a commit. The header of the wal-index is there twice; a writer stores the second copy first. The death is staged: the tail is halted, the writer commits
 * and is killed, and the bytes that it would not have come to write are put back. This process has no SQLite connection on the database, so that it may open its files.
 */
final class TornWalIndexTest {
    private static final int COPY_BYTES = 48;

    @TempDir
    private Path dir;

    private FollowedDatabase database;

    @BeforeEach
    void follow() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")));
        database = new FollowedDatabase(dir);
        database.exec(
                "PRAGMA journal_mode=WAL",
                "CREATE TABLE marker(id INTEGER PRIMARY KEY, n INTEGER)",
                "INSERT INTO marker VALUES(0, 0)",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
                "INSERT INTO t VALUES(1, 'one')");
        database.committed("the beginning");
        database.startTail(TailOptions.PLAIN);
        database.exec("INSERT INTO t VALUES(2, 'two')");
        database.committed("a commit");
        database.awaitCaughtUp();
    }

    @AfterEach
    void end() throws InterruptedException {
        database.end();
    }

    @Test
    void aCommitWhoseWriterDiedBetweenTheTwoHeaderCopiesComesOnce() throws Exception {
        byte[] old = header();
        signal("STOP");
        database.exec("INSERT INTO t VALUES(3, 'three')");
        database.committed("the torn commit");
        database.writer.kill();
        write(0, old, COPY_BYTES);
        signal("CONT");

        database.awaitCaughtUp();
        assertThat(rows()).containsExactly("i1|t6f6e65", "i2|t74776f", "i3|t7468726565");

        database.exec("INSERT INTO t VALUES(4, 'four')");
        database.committed("another writer's commit");
        database.awaitCaughtUp();
        assertThat(rows()).hasSize(4);
    }

    @Test
    void aTailThatStartsOnATornHeaderRepairsIt() throws Exception {
        byte[] old = header();
        database.killTail();
        database.exec("INSERT INTO t VALUES(3, 'three')");
        database.committed("the torn commit");
        database.writer.kill();
        write(0, old, COPY_BYTES);

        database.startTail(TailOptions.PLAIN);
        database.awaitCaughtUp();
        assertThat(rows()).hasSize(3);
    }

    @Test
    void aCommitThatNeverReachedTheWalIndexIsNotToldWhenItIsOverwritten() throws Exception {
        byte[] old = header();
        signal("STOP");
        database.exec("INSERT INTO t VALUES(3, 'never seen')");
        database.writer.kill();
        write(0, old, 2 * COPY_BYTES);
        signal("CONT");

        database.exec("INSERT INTO t VALUES(4, 'four')");
        database.committed("the commit that took its place");
        database.awaitCaughtUp();
        assertThat(rows()).containsExactly("i1|t6f6e65", "i2|t74776f", "i4|t666f7572");
    }

    @Test
    void garbageInBothCopiesIsRepairedOnceNobodyWritesIt() throws Exception {
        signal("STOP");
        database.exec("INSERT INTO t VALUES(3, 'three')");
        database.committed("the torn commit");
        database.writer.kill();
        byte[] garbage = header();
        garbage[20] ^= 0x55;
        garbage[COPY_BYTES + 24] ^= 0x55;
        write(0, garbage, 2 * COPY_BYTES);
        signal("CONT");

        database.exec("INSERT INTO t VALUES(4, 'four')");
        database.committed("another writer's commit");
        database.awaitCaughtUp();
        assertThat(rows()).hasSize(4);
    }

    private List<String> rows() {
        return database.replay.model().rows("t");
    }

    private byte[] header() throws IOException {
        byte[] bytes = new byte[2 * COPY_BYTES];
        try (var file = new RandomAccessFile(index().toFile(), "r")) {
            file.readFully(bytes);
        }
        return bytes;
    }

    private void write(int at, byte[] bytes, int length) throws IOException {
        try (var file = new RandomAccessFile(index().toFile(), "rw")) {
            file.seek(at);
            file.write(bytes, 0, length);
        }
    }

    private Path index() {
        return database.database.resolveSibling("app.db-shm");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(database.tail.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }
}
