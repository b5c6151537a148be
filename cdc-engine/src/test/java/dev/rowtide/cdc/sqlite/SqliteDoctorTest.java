package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.Finding.Severity;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.SqliteSource.Follow;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every finding is provoked on a real file. */
class SqliteDoctorTest {
    private static final int WRITE_VERSION_AT = 18;
    private static final int WRITER_AT = 96;

    @TempDir
    Path folder;

    private TestFile database;

    @BeforeEach
    void create() {
        database = new TestFile(folder.resolve("app.db"));
        database.execute("PRAGMA journal_mode = WAL", "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)");
    }

    private List<Finding> examine(SqliteSource source) {
        return SqliteDoctor.examine(source, folder.resolve("data"), List.of());
    }

    private List<Finding> examine(ResourceConfig... resources) {
        return examine(database.source(resources));
    }

    private SqliteSource following(Follow follow) {
        return new SqliteSource(SqliteAddress.parse(database.url()), follow, Numbers.NUMBER, List.of());
    }

    private static ResourceConfig resource(String table, String... excluded) {
        return new ResourceConfig("r", new TableName("main", table), Set.of(), Set.of(excluded), Numbers.NUMBER);
    }

    private void write(long at, int value, int bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(database.path().toFile(), "rw")) {
            file.seek(at);
            if (bytes == 1) {
                file.write(value);
            } else {
                file.writeInt(value);
            }
        }
    }

    @Test
    void inASoundDatabaseThereIsNothingToFind() {
        assertThat(examine()).isEmpty();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aFileThatIsNotThere() throws IOException {
        Files.delete(database.path());
        requireOnly(examine(), Severity.ERROR, "file", "there is no file");
        assertThat(database.path()).doesNotExist();
    }

    @Test
    void somethingElseThanADatabase() throws IOException {
        Files.writeString(database.path(), "no database ".repeat(50));
        requireOnly(examine(), Severity.ERROR, "file", "is not a SQLite database, or it is encrypted");
        Files.writeString(database.path(), "");
        assertThat(examine()).extracting(Finding::severity).containsOnly(Severity.INFO);
    }

    @Test
    void aFormatThatNobodyKnows() throws IOException {
        write(WRITE_VERSION_AT, 3, 1);
        requireOnly(examine(), Severity.ERROR, "file", "format versions 3/2");
    }

    @Test
    void aRollbackJournal() {
        database.execute("PRAGMA journal_mode = DELETE");
        requireOnly(examine(), Severity.INFO, "journal", "`serve` switches it");
        requireOnly(
                examine(following(new Follow(false, 1 << 20, true, 64L << 20, 100, 0, false))),
                Severity.WARNING,
                "journal",
                "writers wait");
        requireOnly(
                examine(following(new Follow(false, 0, true, 64L << 20, 100, 0, false))),
                Severity.ERROR,
                "journal",
                "sqlite.journal-max-bytes");
    }

    @Test
    void aWriterWhoseCheckpointsCanLoseATransaction() throws IOException {
        write(WRITER_AT, 3_040_001, 4);
        requireOnly(examine(), Severity.INFO, "writer", "SQLite 3.40.1");
    }

    @Test
    void twoNamesOfOneFile() throws IOException {
        Files.createLink(folder.resolve("other.db"), database.path());
        requireOnly(examine(), Severity.WARNING, "file", "2 names");
    }

    @Test
    void tablesWhoseRowsHaveNoIdOrLackColumns() {
        database.execute(
                "CREATE TABLE log_line (at INT, body TEXT)",
                "CREATE TABLE g (id INTEGER PRIMARY KEY, n INT, twice INT AS (n * 2))",
                "CREATE VIRTUAL TABLE search USING fts5(body)",
                "INSERT INTO post VALUES (9007199254740993, 'x')");
        assertThat(examine())
                .extracting(f -> f.severity() + " " + f.subject() + " " + f.sentence())
                .satisfiesExactlyInAnyOrder(
                        f -> assertThat(f).startsWith("WARNING keys").contains("no primary key", "log_line"),
                        f -> assertThat(f).startsWith("WARNING keys").contains("2^53", "post.id"),
                        f -> assertThat(f).startsWith("INFO columns").contains("g.twice"),
                        f -> assertThat(f).startsWith("INFO tables").contains("search"));
    }

    @Test
    void resourcesThatAreNotThere() {
        requireOnly(examine(resource("Post")), Severity.ERROR, "resource r", "there is 'post'");
        requireOnly(examine(resource("post", "secret")), Severity.ERROR, "table post", "no stored column secret");
        requireOnly(examine(resource("post", "Title")), Severity.ERROR, "table post", "there is 'title'");
        requireOnly(examine(resource("post", "id")), Severity.ERROR, "table post", "belongs to the primary key");
    }

    @Test
    void aTableThatCannotBeAResourceUnderItsName() {
        database.execute("CREATE TABLE resource (id INTEGER PRIMARY KEY)");
        requireOnly(examine(), Severity.ERROR, "table resource", "give table main.resource another name");
    }

    @Test
    void aConditionHasToFitTheColumnsAndMayLookAtAnyOfThem() {
        SqliteSource source = database.source(resource("post"));
        assertThat(examine(source, RowFilter.compare("title", Operator.EQ, new FilterValue.Attribute("id"))))
                .isEmpty();
        requireOnly(
                examine(source, RowFilter.isNull("titel")),
                Severity.ERROR,
                "resources.r.read[0].where",
                "there is no column \"titel\": the nearest are \"title\", \"id\"");
        requireOnly(
                examine(database.source(resource("post", "title")), RowFilter.isNull("title")),
                Severity.ERROR,
                "resources.r.read[0].where",
                "there is no column \"title\"");
        requireOnly(
                examine(database.source(resource("gone")), RowFilter.isNull("id")),
                Severity.ERROR,
                "resource r",
                "there is no table gone");
    }

    private List<Finding> examine(SqliteSource source, RowFilter condition) {
        return SqliteDoctor.examine(
                source, folder.resolve("data"), List.of(new RowCondition("resources.r.read[0].where", "r", condition)));
    }

    private static void requireOnly(List<Finding> findings, Severity severity, String subject, String part) {
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.subject()).isEqualTo(subject);
            assertThat(finding.sentence()).contains(part);
        });
    }
}
