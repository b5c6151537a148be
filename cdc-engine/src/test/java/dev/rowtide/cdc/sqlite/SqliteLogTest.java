package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.LogSource;
import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where reading starts, for everything that can be found in the data directory; the connector's state is written by hand. */
class SqliteLogTest {
    @TempDir
    Path folder;

    private Path data;
    private TestFile database;

    @BeforeEach
    void create() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        database = new TestFile(folder.resolve("app.db"));
        database.execute("CREATE TABLE post (id INTEGER PRIMARY KEY)");
    }

    private SqliteLog log(TestFile file, ResourceConfig... resources) {
        return new SqliteLog(file.source(resources), data);
    }

    private LogSource.Start prepare() throws SourceFailure {
        return log(database).prepare();
    }

    private void state(Epoch epoch, long seq, long target) throws IOException {
        Files.createDirectories(data.resolve("sqlite-state/spool"));
        Files.writeString(
                data.resolve("sqlite-state/shadow.meta"),
                "{\"format\":1,\"id\":\"" + epoch + "\",\"seq\":" + seq + ",\"target\":" + target + "}\n");
    }

    private void offset(Epoch epoch, long commit) {
        new OffsetFile(data.resolve("offset.json")).write(SqliteSource.OFFSETS.at(epoch, commit));
    }

    @Test
    void aFirstStartMakesACopyUnderTheEpochsNameAndCountsFromThere() throws SourceFailure {
        SqliteLog log = log(database);
        LogSource.Start start = log.prepare();
        assertThat(start.newEpoch()).isEmpty();
        assertThat(start.withFirstRecord()).isTrue();
        assertThat(start.commit()).isGreaterThan(1_700_000_000L << 20).isLessThan(1L << 53);
        Properties properties = log.engineProperties("x");
        assertThat(properties)
                .containsEntry("state.id", start.epoch().text())
                .containsEntry("state.first.seq", Long.toString(start.commit()))
                .containsEntry("database.path", folder.toAbsolutePath() + "/app.db");
        assertThat(data.resolve("offset.json")).doesNotExist();
        assertThat(log.resources().names()).containsExactly("post");
    }

    @Test
    void aRestartGoesOnFromTheStoredOffset() throws Exception {
        Epoch epoch = prepare().epoch();
        state(epoch, 100, 100);
        offset(epoch, 105);
        SqliteLog log = log(database);
        assertThat(log.prepare()).isEqualTo(new LogSource.Start(epoch, 105, Optional.empty()));
        assertThat(log.engineProperties("x")).doesNotContainKeys("state.id", "state.first.seq");
        assertThat(data.resolve("sqlite-state/shadow.meta")).exists();
    }

    @Test
    void aMissingOrTornOffsetGoesOnFromTheCopyItself() throws Exception {
        Epoch epoch = prepare().epoch();
        state(epoch, 100, 103); // a crash while the copy was being brought on
        assertThat(prepare().commit()).isEqualTo(103);
        Files.writeString(data.resolve("offset.json"), "{\"format\":1,\"epo");
        assertThat(prepare()).isEqualTo(new LogSource.Start(epoch, 103, Optional.empty()));
        assertThat(new OffsetFile(data.resolve("offset.json")).read()).contains(SqliteSource.OFFSETS.at(epoch, 103));
    }

    @Test
    void aLostCopyIsANewEpochAndIsSaid() throws Exception {
        Epoch epoch = prepare().epoch();
        offset(epoch, 105);
        LogSource.Start start = prepare();
        assertThat(start.newEpoch()).contains(GapReason.SOURCE_LOST);
        assertThat(start.withFirstRecord()).isTrue();
        assertThat(start.epoch()).isGreaterThan(epoch);
        assertThat(data.resolve("offset.json")).doesNotExist();
    }

    @Test
    void aCopyOfAnotherEpochIsNotBelieved() throws Exception {
        Epoch epoch = prepare().epoch();
        offset(epoch, 105);
        state(new Epoch("another01"), 100, 100);
        assertThat(prepare().newEpoch()).contains(GapReason.SOURCE_LOST);
        assertThat(data.resolve("sqlite-state")).isEmptyDirectory();
    }

    @Test
    void anOffsetOlderThanTheCopyIsANewEpoch() throws Exception {
        Epoch epoch = prepare().epoch();
        state(epoch, 100, 100);
        offset(epoch, 99);
        assertThat(prepare().newEpoch()).contains(GapReason.SOURCE_LOST);
    }

    @Test
    void aFirstCopyThatWasNotFinishedIsNoLoss() throws Exception {
        Epoch epoch = prepare().epoch();
        LogSource.Start start = prepare();
        assertThat(start.newEpoch()).isEmpty();
        assertThat(start.epoch()).isGreaterThan(epoch);
    }

    @Test
    void anotherDatabaseInTheSameDataDirectoryIsAnotherEpoch() throws Exception {
        Epoch epoch = prepare().epoch();
        state(epoch, 100, 100);
        offset(epoch, 105);
        TestFile other = new TestFile(folder.resolve("other.db"));
        other.execute("CREATE TABLE post (id INTEGER PRIMARY KEY)");
        assertThat(log(other).prepare().newEpoch()).contains(GapReason.EPOCH_CHANGED);
        assertThat(data.resolve("sqlite-state")).isEmptyDirectory();
    }

    @Test
    void aSymbolicLinkToTheSameFileIsTheSameDatabase() throws Exception {
        Epoch epoch = prepare().epoch();
        state(epoch, 100, 100);
        offset(epoch, 105);
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), database.path());
        assertThat(log(new TestFile(link)).prepare().epoch()).isEqualTo(epoch);
    }

    @Test
    void aFileThatIsNotThereIsAPersonsToMend() throws IOException {
        Files.delete(database.path());
        assertThatThrownBy(this::prepare).isInstanceOfSatisfying(SourceFailure.class, failure -> {
            assertThat(failure.passes()).isFalse();
            assertThat(failure.sentence()).contains("there is no file", "app.db");
        });
        assertThat(database.path()).doesNotExist();
    }

    @Test
    void aResourceWithoutATableIsAPersonsToMend() {
        ResourceConfig wrong = new ResourceConfig(
                "post", new TableName("main", "Post"), Set.of(), Set.of(), ResourceConfig.Numbers.NUMBER);
        assertThatThrownBy(() -> log(database, wrong).prepare())
                .isInstanceOfSatisfying(SourceFailure.class, failure -> {
                    assertThat(failure.passes()).isFalse();
                    assertThat(failure.sentence()).contains("there is no table Post (there is 'post')");
                });
    }
}
