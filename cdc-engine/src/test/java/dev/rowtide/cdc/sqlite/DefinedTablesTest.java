package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.Function;

class DefinedTablesTest {
    private static final ColumnType NONE = new Dynamic(Affinity.NONE, Collation.BINARY);

    @TempDir
    Path folder;

    private final DefinedTables tables = new DefinedTables();
    private TestFile file;

    @BeforeEach
    void create() {
        file = new TestFile(folder.resolve("app.db"));
    }

    private Map<TableName, List<DefinedTables.Column>> read() throws SQLException {
        try (Connection connection = file.connect()) {
            return tables.read(connection);
        }
    }

    private List<DefinedTables.Column> read(String table) throws SQLException {
        return read().get(new TableName("main", table));
    }

    private static DefinedTables.Column column(String name, ColumnType type) {
        return new DefinedTables.Column(name, type);
    }

    @Test
    void aDefinitionIsWhatSqliteMakesOfIt() throws SQLException {
        file.execute(
                "CREATE TABLE \"odd \"\"name\"(\"a \"\"b\" COLLATE nocase, [c] VARCHAR(3) COLLATE RTRIM, v AS (c), s AS (c) STORED)",
                "CREATE TABLE keyed(b TEXT, a INT, PRIMARY KEY(a, b COLLATE nocase)) WITHOUT ROWID",
                "CREATE TABLE strict(a ANY, b BLOB, c REAL) STRICT",
                "CREATE TABLE loose(a ANY, b LONGBLOB)",
                "CREATE INDEX i ON loose(a COLLATE nocase)",
                "CREATE VIEW w AS SELECT 1");
        assertThat(read().keySet())
                .extracting(TableName::table)
                .containsExactly("keyed", "loose", "odd \"name", "strict");
        assertThat(read("odd \"name"))
                .containsExactly(
                        column("a \"b", new Dynamic(Affinity.NONE, Collation.NOCASE)),
                        column("c", new Dynamic(Affinity.TEXT, Collation.RTRIM)),
                        column("s", NONE));
        assertThat(read("keyed"))
                .as("the key's collating sequence is not the column's")
                .containsExactly(
                        column("b", new Dynamic(Affinity.TEXT, Collation.BINARY)),
                        column("a", new Dynamic(Affinity.INTEGER, Collation.BINARY)));
        assertThat(read("strict"))
                .containsExactly(
                        column("a", NONE),
                        column("b", new Dynamic(Affinity.BLOB, Collation.BINARY)),
                        column("c", new Dynamic(Affinity.REAL, Collation.BINARY)));
        assertThat(read("loose"))
                .containsExactly(
                        column("a", new Dynamic(Affinity.NUMERIC, Collation.BINARY)),
                        column("b", new Dynamic(Affinity.BLOB, Collation.BINARY)));
    }

    @Test
    void whatOnlyTheUsersProgramsHaveDoesNoHarm() throws SQLException {
        try (Connection connection = file.connect();
                Statement statement = connection.createStatement()) {
            org.sqlite.Collation.create(connection, "theirs", new org.sqlite.Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return left.compareTo(right);
                }
            });
            Function.create(
                    connection,
                    "theirs",
                    new Function() {
                        @Override
                        protected void xFunc() throws SQLException {
                            result(1);
                        }
                    },
                    1,
                    Function.FLAG_DETERMINISTIC);
            statement.execute(
                    "CREATE TABLE t(a TEXT COLLATE theirs, b, s AS (theirs(b)) STORED, CHECK (theirs(b) = 1))");
        }
        assertThat(read("t"))
                .containsExactly(column("a", new Opaque("TEXT COLLATE THEIRS")), column("b", NONE), column("s", NONE));
    }

    @Test
    void changedDefinitionsAreReadAnewAndDroppedTablesAreGone() throws SQLException {
        file.execute("CREATE TABLE t(a)", "CREATE TABLE u(a)");
        assertThat(read("t")).containsExactly(column("a", NONE));
        file.execute("ALTER TABLE t ADD b TEXT COLLATE NOCASE", "DROP TABLE u");
        assertThat(read()).containsOnlyKeys(new TableName("main", "t"));
        assertThat(read("t"))
                .containsExactly(column("a", NONE), column("b", new Dynamic(Affinity.TEXT, Collation.NOCASE)));
    }
}
