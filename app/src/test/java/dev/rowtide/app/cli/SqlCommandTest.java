package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.TestFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code rowtide sql} does to a file and says about it. */
class SqlCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private TestFile database;

    @BeforeEach
    void create() {
        database = new TestFile(directory.resolve("app.db"));
        database.execute(
                "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, score REAL, body BLOB)",
                "INSERT INTO posts VALUES (1, 'Grüße' || char(10) || 'zwei', 0.5, NULL), (20, 'b', 1e10, x'00ff')");
    }

    private int run(String file, String statement) {
        return Main.run(
                List.of("sql", file, statement), Map.of(), new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private int run(String statement) {
        return run(database.path().toString(), statement);
    }

    @Test
    void rowsArePrintedInAlignedColumns() {
        assertThat(run("SELECT * FROM posts ORDER BY id; -- all")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "id  title        score          body",
                        "--  -----------  -------------  -------",
                        "1   Grüße\\nzwei  0.5            NULL",
                        "20  b            10000000000.0  x'00ff'");
    }

    @Test
    void columnsOfMoreRowsThanAreMeasuredKeepTheirPlace() {
        assertThat(run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
                        + " SELECT i, 'x' AS x FROM n"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(100_002).contains("7    x", "200  x", "100000  x");
    }

    @Test
    void changesAreCounted() {
        assertThat(run("UPDATE posts SET title = 'a;b'")).isZero();
        assertThat(run("sqlite:" + database.path(), "DELETE FROM posts WHERE id = 1"))
                .isZero();
        assertThat(out.toString().lines()).containsExactly("2 rows changed", "1 row changed");
        assertThat(database.query("SELECT title FROM posts")).isEqualTo("a;b");
    }

    @Test
    void whatAnUpdateReturnsIsPrintedAndTheUpdateDone() {
        assertThat(run("UPDATE posts SET score = 2 WHERE id = 1 RETURNING id, score"))
                .isZero();
        assertThat(out.toString().lines()).containsExactly("id  score", "--  -----", "1   2.0");
        assertThat(database.query("SELECT score FROM posts WHERE id = 1")).isEqualTo("2.0");
    }

    @Test
    void noFileIsMade() {
        Path missing = directory.resolve("missing.db");

        assertThat(run(missing.toString(), "CREATE TABLE t (x)")).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("rowtide: there is no file " + missing + ", and none is made\n");
        assertThat(missing).doesNotExist();
        assertThat(run(directory.toString(), "SELECT 1")).isEqualTo(2);
    }

    @Test
    void aFileNameIsTakenAsItIs() throws IOException {
        Path odd = Files.copy(database.path(), directory.resolve("a b?c#d%20ü.db"));

        assertThat(run(odd.toString(), "SELECT count(*) AS n FROM posts")).isZero();
        assertThat(out.toString().lines()).containsExactly("n", "-", "2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ; -- nothing", "DELETE FROM posts; SELECT 1", "SELECT ';' /* ; */; DELETE FROM posts"})
    void whatIsNotOneStatementIsRefused(String text) {
        assertThat(run(text)).isEqualTo(2);
        assertThat(database.query("SELECT count(*) FROM posts")).isEqualTo("2");
    }

    @Test
    void aTriggersBodyIsPartOfItsStatement() {
        assertThat(run("CREATE TRIGGER t AFTER DELETE ON posts BEGIN SELECT 1; SELECT 2; END"))
                .isZero();
    }

    @Test
    void whatSqliteSaysIsSaid() {
        assertThat(run("SELECT * FROM nowhere")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("rowtide: no such table: nowhere\n");
    }

    @Test
    void aFileThatIsNoDatabaseIsSaid() throws IOException {
        Path text = Files.writeString(directory.resolve("notes.txt"), "not a database, but long enough ".repeat(40));

        assertThat(run(text.toString(), "SELECT * FROM t")).isEqualTo(1);
        assertThat(err.toString()).contains(text + " is not a SQLite database");
    }

    @Test
    void aDatabaseThatStaysLockedIsSaid() throws Exception {
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            assertThat(run("DELETE FROM posts")).isEqualTo(1);
            assertThat(err.toString()).contains("another program has locked " + database.path());
        }
    }
}
