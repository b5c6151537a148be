package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpeningTest {
    private static final LiveOptions IMPATIENT = new LiveOptions(true, 1 << 20, true, Duration.ofMillis(200), true);

    @TempDir
    Path directory;

    private Path database;

    @BeforeEach
    void name() {
        database = directory.resolve("app.db");
    }

    private AbstractThrowableAssert<?, ?> assertRefused(LiveOptions options) {
        return assertThatThrownBy(() -> LiveDatabase.open(database, options))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining(database.getFileName().toString());
    }

    private OtherProcess user(String... statements) throws IOException {
        OtherProcess user = OtherProcess.on(database);
        user.all(statements);
        return user;
    }

    @Test
    void aMissingDatabaseIsNeverCreated() {
        assertRefused(IMPATIENT)
                .hasMessageContaining("There is no database at")
                .hasMessageContaining("correct the path");
        assertThat(database).doesNotExist();
    }

    @Test
    void aDirectoryIsNoDatabase() throws Exception {
        Files.createDirectory(database);
        assertRefused(IMPATIENT).hasMessageContaining("is not a file");
    }

    @Test
    void bytesThatAreNoDatabaseAreTakenForEncrypted() throws Exception {
        byte[] random = new byte[8192];
        new Random(5).nextBytes(random);
        Files.write(database, random);
        assertRefused(IMPATIENT).hasMessageContaining("it is encrypted").hasMessageContaining("SQLCipher");
        Files.write(database, new byte[50]);
        assertRefused(IMPATIENT).hasMessageContaining("not a SQLite database");
    }

    @Test
    void unknownFormatVersionsAreRefused() throws Exception {
        user("CREATE TABLE t(a)").close();
        byte[] bytes = Files.readAllBytes(database);
        bytes[18] = 3;
        bytes[19] = 3;
        Files.write(database, bytes);
        assertRefused(IMPATIENT).hasMessageContaining("versions 3/3").hasMessageContaining("wal2");
    }

    @Test
    void anExclusiveUserIsNamed() throws Exception {
        OtherProcess user = user(
                "PRAGMA locking_mode=EXCLUSIVE",
                "PRAGMA journal_mode=WAL",
                "CREATE TABLE t(a)",
                "INSERT INTO t VALUES(1)");
        try (user) {
            AbstractThrowableAssert<?, ?> refused = assertRefused(IMPATIENT)
                    .hasMessageContaining("locking_mode=EXCLUSIVE")
                    .hasMessageContaining("NORMAL");
            if (Files.isReadable(Path.of("/proc/locks"))) {
                refused.hasMessageContaining("process " + user.pid());
            }
            Locks.assertNone(database);
        }
        new Follower(database).close();
    }

    @Test
    void aUsersReadKeepsFromSwitchingToTheLogUntilItEnds() throws Exception {
        OtherProcess user = user("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)", "BEGIN", "SELECT * FROM t");
        try (user) {
            assertThatThrownBy(() -> LiveDatabase.open(database, IMPATIENT))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(UnusableDatabaseException.class)
                    .hasMessageContaining("could not be switched to WAL within 0.2 s")
                    .hasMessageContaining("process");
            assertThat(user.sql("SELECT count(*) FROM t")).isEqualTo("1");
            user.all("COMMIT");
            try (Follower follower = new Follower(database).copy()) {
                assertThat(follower.live.hasLog()).isTrue();
                Locks.assertHeld(database);
                assertThat(user.sql("SELECT count(*) FROM t")).isEqualTo("1");
                assertThat(user.sql("PRAGMA journal_mode")).isEqualTo("wal");
                // And it cannot be switched back while we are here.
                assertThat(user.sql("PRAGMA journal_mode=DELETE"))
                        .startsWith("!")
                        .contains("locked");
            }
        }
    }

    @Test
    void anEmptyFileBecomesADatabaseWithALog() throws Exception {
        Files.createFile(database);
        try (Follower follower = new Follower(database).copy();
                OtherProcess user = OtherProcess.on(database)) {
            assertThat(follower.live.hasLog()).isTrue();
            user.all("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
            assertThat(follower.drain()).isEqualTo(2);
            Locks.assertHeld(database);
        }
    }

    @Test
    void withoutALogOnlySmallDatabasesAreFollowed() throws Exception {
        LiveOptions noSwitch = new LiveOptions(false, 1 << 20, true, Duration.ofMillis(200), true);
        try (OtherProcess user = user("CREATE TABLE t(a)")) {
            LiveDatabase small = LiveDatabase.open(database, noSwitch);
            assertThat(small.hasLog()).isFalse();
            small.close();
            user.all("INSERT INTO t VALUES(randomblob(2000000))");
            assertRefused(noSwitch)
                    .hasMessageContaining("up to 1.0 MiB only")
                    .hasMessageContaining("PRAGMA journal_mode=WAL");
            assertThat(user.sql("PRAGMA journal_mode")).isEqualTo("delete");
        }
    }

    @Test
    void anUnsoundFileSystemIsRefusedUnlessAnyIsAccepted() throws Exception {
        Path proc = Path.of("/proc/self/comm");
        assumeTrue(Files.exists(proc));
        LiveOptions careful = new LiveOptions(true, 1 << 20, true, Duration.ofMillis(200), false);
        assertThatThrownBy(() -> LiveDatabase.open(proc, careful))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("the file system proc");
        user("CREATE TABLE t(a)").close();
        assumeTrue(SoundFileSystem.isSound(Files.getFileStore(database).type()));
        LiveDatabase.open(database, careful).close();
    }

    @Test
    void aDatabaseThatCannotBeWrittenIsRefused() throws Exception {
        user("CREATE TABLE t(a)").close();
        assumeFalse(System.getProperty("os.name").startsWith("Windows"));
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("r--r--r--"));
        assumeFalse(Files.isWritable(database), "root writes everywhere");
        assertRefused(IMPATIENT).hasMessageContaining("cannot be written");
    }

    @Test
    void oddNamesAreNamesAndNotParameters() throws Exception {
        database = directory.resolve("a b?cache=shared&x=%41#ü.db");
        try (OtherProcess user = OtherProcess.on(database)) {
            user.all("PRAGMA journal_mode=WAL", "CREATE TABLE t(a)");
            try (Follower follower = new Follower(database).copy()) {
                user.all("INSERT INTO t VALUES(1)");
                assertThat(follower.drain()).isEqualTo(1);
            }
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.startsWith(database.getFileName().toString()));
        }
    }

    @Test
    void aLinkIsFollowedToTheDatabase() throws Exception {
        try (OtherProcess user = user("PRAGMA journal_mode=WAL", "CREATE TABLE t(a)")) {
            Path link = Files.createSymbolicLink(directory.resolve("current.db"), database);
            try (Follower follower = new Follower(link).copy()) {
                user.all("INSERT INTO t VALUES(1)");
                assertThat(follower.drain()).isEqualTo(1);
                Files.delete(link);
                Files.createSymbolicLink(link, Files.createFile(directory.resolve("next.db")));
                assertThatThrownBy(() -> follower.turns(Duration.ofSeconds(2))).isInstanceOf(LogLostException.class);
            }
        }
    }
}
