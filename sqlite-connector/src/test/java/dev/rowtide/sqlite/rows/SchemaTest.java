package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.format.FilePages;
import dev.rowtide.sqlite.format.KeyOrder;
import dev.rowtide.sqlite.format.TestDatabase;
import dev.rowtide.sqlite.format.TextEncoding;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.Collation;
import org.sqlite.Function;

class SchemaTest {
    @TempDir
    Path directory;

    private int files;

    @Test
    void theRowidAliasIsToldFromOtherIntegerKeys() throws Exception {
        Schema schema = read(
                "CREATE TABLE alias(a, id INTEGER PRIMARY KEY, b)",
                "CREATE TABLE automatic(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE constrained(a, id INTEGER, PRIMARY KEY(id))",
                "CREATE TABLE descending(id INTEGER PRIMARY KEY DESC, a)",
                "CREATE TABLE int_key(id INT PRIMARY KEY, a)",
                "CREATE TABLE keyed(a, id INTEGER PRIMARY KEY) WITHOUT ROWID",
                "CREATE TABLE keyless(a, b UNIQUE)",
                "CREATE TABLE two(a INTEGER, b INTEGER, PRIMARY KEY(b, a))",
                "CREATE TABLE both(a INTEGER PRIMARY KEY UNIQUE, b INT UNIQUE)");
        assertThat(schema.tables()).extracting(TableDefinition::name).isSorted().hasSize(9);
        assertThat(table(schema, "alias").rowidAlias()).isEqualTo(OptionalInt.of(1));
        assertThat(table(schema, "alias").columns().get(1).notNull()).isTrue();
        assertThat(table(schema, "alias").primaryKey()).containsExactly(1);
        assertThat(table(schema, "alias").storage()).containsExactly(0, 1, 2);
        assertThat(table(schema, "automatic").rowidAlias()).isEqualTo(OptionalInt.of(0));
        assertThat(table(schema, "constrained").rowidAlias()).isEqualTo(OptionalInt.of(1));
        assertThat(table(schema, "both").rowidAlias()).isEqualTo(OptionalInt.of(0));
        for (String name : List.of("descending", "int_key")) {
            assertThat(table(schema, name).rowidAlias()).isEmpty();
            assertThat(table(schema, name).primaryKey()).containsExactly(0);
            assertThat(table(schema, name).columns().get(0).notNull()).isFalse();
        }
        assertThat(table(schema, "keyed").rowidAlias()).isEmpty();
        assertThat(table(schema, "keyed").storage()).containsExactly(1, 0);
        assertThat(table(schema, "keyless").primaryKey()).isEmpty();
        assertThat(table(schema, "keyless").keyOrder()).isEmpty();
        assertThat(table(schema, "two").rowidAlias()).isEmpty();
        assertThat(table(schema, "two").primaryKey()).containsExactly(1, 0);
    }

    @Test
    void aKeyedTableIsStoredKeyFirstAndWithoutVirtualColumns() throws Exception {
        TableDefinition table = table(
                read("CREATE TABLE k(a TEXT, v AS (a || b), b INT COLLATE nocase, s AS (b + 1) STORED, c,"
                        + " PRIMARY KEY(c DESC, b, a COLLATE rtrim, c, a)) WITHOUT ROWID"),
                "k");
        assertThat(table.withoutRowid()).isTrue();
        assertThat(table.columns()).extracting(Column::name).containsExactly("a", "b", "s", "c");
        assertThat(table.columns()).extracting(Column::generated).containsExactly(false, false, true, false);
        assertThat(table.columns()).extracting(Column::notNull).containsExactly(true, true, false, true);
        // a stands twice: with two collating sequences it is two parts of the key.
        assertThat(table.storage()).containsExactly(3, 1, 0, 0, 2);
        assertThat(table.keyOrder())
                .containsExactly(
                        new KeyOrder.Part("BINARY", true),
                        new KeyOrder.Part("NOCASE", false),
                        new KeyOrder.Part("RTRIM", false),
                        new KeyOrder.Part("BINARY", false));
        assertThat(table.primaryKey()).containsExactly(3, 1, 0);
    }

    @Test
    void virtualColumnsAreLeftOutOfRowidTablesToo() throws Exception {
        TableDefinition table = table(
                read(
                        "CREATE TABLE t(v INT AS (b) VIRTUAL, a, s INT GENERATED ALWAYS AS (a) STORED, id INTEGER PRIMARY KEY, b)"),
                "t");
        assertThat(table.columns()).extracting(Column::name).containsExactly("a", "s", "id", "b");
        assertThat(table.columns()).extracting(Column::declaredType).containsExactly("", "INT", "INTEGER", "");
        assertThat(table.storage()).containsExactly(0, 1, 2, 3);
        assertThat(table.rowidAlias()).isEqualTo(OptionalInt.of(2));
        assertThat(table.primaryKey()).containsExactly(2);
    }

    @Test
    void eachColumnHasTheCollatingSequenceThatItWasDeclaredWith() throws Exception {
        String columns = "(a, b TEXT COLLATE nocase, v AS (a) VIRTUAL, \"c\"\"d\" TEXT COLLATE Rtrim,"
                + " f TEXT DEFAULT 'x' COLLATE NOCASE, g AS (b || 1) STORED)";
        Schema schema = read(
                "CREATE TABLE r" + columns,
                "CREATE TABLE k" + columns.replace("(a,", "(a PRIMARY KEY,") + " WITHOUT ROWID");
        for (String name : List.of("r", "k")) {
            assertThat(table(schema, name).columns())
                    .extracting(column -> column.name() + ' ' + column.collation())
                    .containsExactly("a BINARY", "b NOCASE", "c\"d RTRIM", "f NOCASE", "g BINARY");
        }
    }

    @ParameterizedTest
    @EnumSource(TextEncoding.class)
    void defaultsAreWhatOldRowsShow(TextEncoding encoding) throws Exception {
        List<String> literals = List.of(
                "5",
                "-5",
                "+5",
                "5.0",
                "-0.0",
                "1e400",
                "9223372036854775808",
                "0x7f",
                "'12'",
                "'12.50'",
                "' 7 '",
                "'1e3'",
                "'ä😀 it''s'",
                "\"quoted\"",
                "word",
                "''",
                "x''",
                "x'00ff41'",
                "TRUE",
                "FALSE",
                "NULL",
                "(-7)",
                "(CAST('12' AS INTEGER))",
                "(CAST(x'4100620000d8' AS TEXT))");
        List<String> types = List.of("INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC", "");
        List<String> expected = new ArrayList<>();
        Path file = directory.resolve("defaults.db");
        TestDatabase.create(file, 4096, encoding, 0);
        FilePages pages = TestDatabase.write(file, connection -> {
            for (String table : List.of("plain", "keyed")) {
                TestDatabase.execute(
                        connection,
                        table.equals("plain")
                                ? "CREATE TABLE plain(id INTEGER PRIMARY KEY)"
                                : "CREATE TABLE keyed(id TEXT PRIMARY KEY) WITHOUT ROWID",
                        "INSERT INTO " + table + " VALUES(1)");
                int column = 0;
                for (String type : types) {
                    for (String literal : literals) {
                        String sql = "ALTER TABLE " + table + " ADD COLUMN c" + ++column + " " + type + " DEFAULT "
                                + literal;
                        try {
                            TestDatabase.execute(connection, sql);
                        } catch (SQLException e) {
                            throw new AssertionError(sql, e);
                        }
                        expected.add(select(connection.createStatement(), "c" + column, table));
                    }
                }
            }
        });
        Schema schema = Schema.read(pages);
        List<String> found = new ArrayList<>();
        for (String name : List.of("plain", "keyed")) {
            TableDefinition table = table(schema, name);
            table.columns()
                    .subList(1, table.columns().size())
                    .forEach(column -> found.add(Shown.of(column.defaultValue())));
        }
        assertThat(found).isEqualTo(expected);
    }

    private static String select(Statement statement, String column, String table) throws SQLException {
        try (statement;
                ResultSet rows = statement.executeQuery("SELECT typeof(" + column + "), hex(CAST(" + column
                        + " AS BLOB)), " + column + " FROM " + table)) {
            rows.next();
            return switch (rows.getString(1)) {
                case "integer" -> "integer " + rows.getLong(3);
                case "real" -> "real " + rows.getDouble(3);
                case "null" -> "null";
                default -> rows.getString(1) + " " + rows.getString(2);
            };
        }
    }

    @Test
    void aDefaultThatIsNotConstantIsNull() throws Exception {
        TableDefinition table = table(
                read(connection -> {
                    Function.create(
                            connection,
                            "theirs",
                            new Function() {
                                @Override
                                protected void xFunc() throws SQLException {
                                    result(1);
                                }
                            },
                            0,
                            Function.FLAG_DETERMINISTIC);
                    TestDatabase.execute(
                            connection,
                            "CREATE TABLE t(a, b DEFAULT CURRENT_TIMESTAMP, c DEFAULT (1 + 2), d DEFAULT (theirs()), e DEFAULT 4)");
                }),
                "t");
        assertThat(table.columns())
                .extracting(column -> Shown.of(column.defaultValue()))
                .containsExactly("null", "null", "null", "null", "integer 4");
    }

    @Test
    void functionsAndCollationsOfTheUsersProgramsDoNotHurt() throws Exception {
        Schema schema = read(connection -> {
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
            Collation.create(connection, "de_phonebook", new Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return left.compareTo(right);
                }
            });
            TestDatabase.execute(
                    connection,
                    "CREATE TABLE t(a TEXT COLLATE de_phonebook DEFAULT 'x', b DEFAULT 'y', v AS (theirs(a)),"
                            + " s AS (theirs(b)) STORED, CHECK (theirs(b) = 1), PRIMARY KEY(a)) WITHOUT ROWID",
                    "CREATE TABLE u(a TEXT COLLATE de_phonebook PRIMARY KEY, b DEFAULT 'y' COLLATE de_phonebook)",
                    "CREATE INDEX i ON t(theirs(b), b COLLATE de_phonebook)",
                    "CREATE VIEW v AS SELECT theirs(a) FROM t");
        });
        assertThat(table(schema, "t").columns()).extracting(Column::name).containsExactly("a", "b", "s");
        assertThat(table(schema, "t").columns())
                .extracting(Column::collation)
                .containsExactly("DE_PHONEBOOK", "BINARY", "BINARY");
        assertThat(table(schema, "t").keyOrder()).containsExactly(new KeyOrder.Part("DE_PHONEBOOK", false));
        assertThat(table(schema, "t").btreeOrder(schema.header()).comparable()).isFalse();
        assertThat(Shown.of(table(schema, "u").columns().get(1).defaultValue())).isEqualTo("text 79");
    }

    @Test
    void affinitiesAreThoseThatSqliteCastsBy() throws Exception {
        List<String> types = List.of(
                "INT",
                "int",
                "BIGINT",
                "CHARINT",
                "POINT",
                "VARCHAR(20)",
                "clob",
                "LONGTEXT",
                "TEXTBLOB",
                "BLOB",
                "BLOBREAL",
                "REALBLOB",
                "double precision",
                "FLOAT",
                "NUMERIC",
                "DECIMAL(10,5)",
                "BOOLEAN",
                "DATETIME",
                "STRING",
                "ANY",
                "İNT");
        List<Column.Affinity> expected = new ArrayList<>();
        Schema schema = read(connection -> {
            StringBuilder create = new StringBuilder("CREATE TABLE t(c");
            for (int i = 0; i < types.size(); i++) {
                create.append(", c").append(i).append(' ').append(types.get(i));
                try (Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT typeof(CAST('1' AS " + types.get(i)
                                + ")), typeof(CAST('1.5' AS " + types.get(i) + "))")) {
                    rows.next();
                    expected.add(
                            switch (rows.getString(1) + rows.getString(2)) {
                                case "integerinteger" -> Column.Affinity.INTEGER;
                                case "integerreal" -> Column.Affinity.NUMERIC;
                                case "realreal" -> Column.Affinity.REAL;
                                case "texttext" -> Column.Affinity.TEXT;
                                default -> Column.Affinity.BLOB;
                            });
                }
            }
            TestDatabase.execute(
                    connection, create + ")", "CREATE TABLE s(a INT, b TEXT, c BLOB, d REAL, e ANY, f INTEGER) STRICT");
        });
        assertThat(table(schema, "t").columns().subList(1, types.size() + 1))
                .extracting(Column::affinity)
                .isEqualTo(expected);
        assertThat(table(schema, "t").columns().get(0).affinity()).isEqualTo(Column.Affinity.BLOB);
        assertThat(table(schema, "s").strict()).isTrue();
        assertThat(table(schema, "s").columns())
                .extracting(Column::affinity)
                .containsExactly(
                        Column.Affinity.INTEGER,
                        Column.Affinity.TEXT,
                        Column.Affinity.BLOB,
                        Column.Affinity.REAL,
                        Column.Affinity.BLOB,
                        Column.Affinity.INTEGER);
    }

    @ParameterizedTest
    @EnumSource(TextEncoding.class)
    void anyNameIsFound(TextEncoding encoding) throws Exception {
        List<String> names = List.of(
                "a b",
                "select",
                "it's",
                "with \"quotes\"",
                "[brackets]",
                "Zürich",
                "zÜrich",
                "😀",
                "\uff5e",
                "a;b",
                "old",
                "old_keyed");
        Path file = directory.resolve("names.db");
        TestDatabase.create(file, 4096, encoding, 0);
        Schema schema = Schema.read(TestDatabase.write(file, connection -> {
            for (String name : names) {
                String quoted = '"' + name.replace("\"", "\"\"") + '"';
                TestDatabase.execute(
                        connection,
                        "CREATE TABLE " + quoted + "(x, " + quoted + " TEXT DEFAULT 'd', PRIMARY KEY(" + quoted + "))");
            }
        }));
        assertThat(schema.tables()).extracting(TableDefinition::name).containsExactlyInAnyOrderElementsOf(names);
        // In UTF-8 the emoji comes last, in UTF-16 before.
        assertThat(schema.tables().get(names.size() - 1).name()).isEqualTo("😀");
        for (String name : names) {
            assertThat(table(schema, name).columns().get(1).name()).isEqualTo(name);
            assertThat(table(schema, name).primaryKey()).containsExactly(1);
            assertThat(table(schema, name).columns().get(1).defaultValue()).isEqualTo(TestDatabase.text("d", encoding));
        }
        assertThat(schema.table("SELECT")).contains(table(schema, "select"));
        assertThat(schema.table("ZÜRICH").orElseThrow().name()).isEqualTo("zÜrich");
        assertThat(schema.table("zürich").orElseThrow().name()).isEqualTo("Zürich");
    }

    @Test
    void tablesBehindVirtualTablesAreLeftOut() throws Exception {
        List<String> ordinary = new ArrayList<>();
        Schema schema = read(connection -> {
            TestDatabase.execute(
                    connection,
                    "CREATE VIRTUAL TABLE Docs USING fts5(a)",
                    "CREATE VIRTUAL TABLE \"old docs\" USING FTS4(a)",
                    "CREATE VIRTUAL TABLE [USING fts5] /* x */ USING -- y\n \"fts3\"(a)",
                    "CREATE VIRTUAL TABLE IF NOT EXISTS places USING rtree(id, x, y)",
                    "CREATE TABLE docs_archive(a)",
                    "CREATE TABLE places_parents(a)",
                    "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)",
                    "CREATE INDEX i ON t(a)",
                    "ANALYZE",
                    "CREATE VIEW v AS SELECT 1");
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")) {
                while (rows.next()) {
                    ordinary.add(rows.getString(1));
                }
            }
        });
        assertThat(ordinary).hasSize(3);
        assertThat(schema.tables()).extracting(TableDefinition::name).isEqualTo(ordinary);
    }

    @Test
    void tablesBehindAModuleThatOurLibraryLacksAreLeftOut() throws Exception {
        Schema schema = read(
                "CREATE TABLE shape_node(a)",
                "CREATE TABLE shape_other(a)",
                "PRAGMA writable_schema=ON",
                "INSERT INTO sqlite_schema VALUES('table', 'Shape', 'Shape', 0, 'CREATE VIRTUAL TABLE Shape USING geopoly(a)')",
                "INSERT INTO sqlite_schema VALUES('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0')");
        assertThat(schema.tables()).extracting(TableDefinition::name).containsExactly("shape_other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE future(a, b) WITH TIME TRAVEL",
                "CREATE TABLE future(a FOO,, b)",
                "CREATE TABLE another(a, b)",
                "CREATE VIEW future AS SELECT 1",
                "nonsense",
                "",
                "CREATE TABLE future(a PRIMARY KEY, b, a)"
            })
    void aDefinitionThatSqliteCannotReadIsAnErrorThatNamesIt(String sql) throws Exception {
        assertThatThrownBy(() -> read(
                        "CREATE TABLE fine(a)",
                        "CREATE TABLE future(a, b)",
                        "PRAGMA writable_schema=ON",
                        "UPDATE sqlite_schema SET sql = '" + sql + "' WHERE name = 'future'"))
                .isInstanceOf(UnreadableDefinitionException.class)
                .hasMessageContaining("table \"future\": SQLite 3.");
    }

    @Test
    void theReasonIsSqlites() {
        assertThatThrownBy(() -> read(
                        "CREATE TABLE future(a, b)",
                        "PRAGMA writable_schema=ON",
                        "UPDATE sqlite_schema SET sql = 'CREATE TABLE future(a) WITH TIME TRAVEL'"))
                .hasMessageContaining("near \"TIME\": syntax error");
        assertThatThrownBy(() -> read(
                        "CREATE TABLE future(a, b)",
                        "PRAGMA writable_schema=ON",
                        "UPDATE sqlite_schema SET sql = NULL"))
                .isInstanceOf(UnreadableDefinitionException.class)
                .hasMessageContaining("table \"future\": sqlite_schema has no CREATE statement");
    }

    @Test
    void brokenViewsTriggersAndIndexesDoNotHurt() throws Exception {
        Schema schema = read(
                "CREATE TABLE t(a, b)",
                "CREATE INDEX i ON t(a)",
                "CREATE VIEW v AS SELECT * FROM t",
                "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
                "PRAGMA writable_schema=ON",
                "UPDATE sqlite_schema SET sql = 'CREATE ' || upper(type) || ' of nonsense' WHERE type <> 'table'");
        assertThat(schema.tables()).extracting(TableDefinition::name).containsExactly("t");
    }

    @Test
    void statementsThatStayedTheSameAreNotParsedAgain() throws Exception {
        Path file = directory.resolve("again.db");
        Schema before =
                Schema.read(TestDatabase.write(file, "CREATE TABLE a(x)", "CREATE TABLE b(x)", "CREATE TABLE c(x)"));
        Schema after = Schema.read(
                TestDatabase.write(
                        file,
                        "ALTER TABLE b ADD COLUMN y DEFAULT 1",
                        "DROP TABLE c",
                        "CREATE TABLE filler(x)",
                        "CREATE TABLE c(x)"),
                before);
        assertThat(table(after, "a")).isSameAs(table(before, "a"));
        assertThat(table(after, "b").columns()).hasSize(2);
        assertThat(table(after, "c").rootPage()).isNotEqualTo(table(before, "c").rootPage());
        assertThat(table(after, "c").withRootPage(table(before, "c").rootPage()))
                .isEqualTo(table(before, "c"));
    }

    @Test
    void anEmptyDatabaseHasNoTables() throws Exception {
        assertThat(read("PRAGMA user_version=1").tables()).isEmpty();
    }

    private Schema read(String... statements) throws Exception {
        return read(connection -> TestDatabase.execute(connection, statements));
    }

    private Schema read(TestDatabase.Work work) throws Exception {
        return Schema.read(TestDatabase.write(directory.resolve("schema" + ++files + ".db"), work));
    }

    private static TableDefinition table(Schema schema, String name) {
        return schema.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
