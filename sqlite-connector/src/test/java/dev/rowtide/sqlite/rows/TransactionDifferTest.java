package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.Collation;

/** What one transaction comes out as. Each is checked in all the ways of {@link Trial}, too. */
class TransactionDifferTest {
    private static final String NUMBERS =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ";

    @TempDir
    private Path directory;

    @Test
    void changesOfATransactionComeByTableThenByKeyAsTheirNetEffect() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE b(id INTEGER PRIMARY KEY, v)",
                "CREATE TABLE a(id INTEGER PRIMARY KEY, v)",
                "INSERT INTO b VALUES(1, 'one'), (2, 'two'), (3, 'three')")) {
            assertThat(trial.commit(
                            "INSERT INTO b VALUES(9, 'nine')",
                            "UPDATE b SET v='TWO' WHERE id=2",
                            "DELETE FROM b WHERE id=1",
                            "INSERT INTO b VALUES(0, 'gone again')",
                            "DELETE FROM b WHERE id=0",
                            "INSERT INTO a VALUES(5, 0.5)"))
                    .containsExactly(
                            "row a CREATE 5 - -> [5, r0.5]",
                            "row b DELETE 1 [1, t'one'] -> -",
                            "row b UPDATE 2 [2, t'two'] -> [2, t'TWO']",
                            "row b CREATE 9 - -> [9, t'nine']");
        }
    }

    @Test
    void anUpdateToTheSameValuesIsNoEvent() throws Exception {
        try (Trial trial = Trial.of(
                directory, "CREATE TABLE t(id INTEGER PRIMARY KEY, v REAL)", "INSERT INTO t VALUES(1, 5), (2, 7)")) {
            assertThat(trial.commit("UPDATE t SET v=5.0 WHERE id=1", "UPDATE t SET v=v+1", "UPDATE t SET v=v-1"))
                    .isEmpty();
        }
    }

    @Test
    void aChangedRowidIsADeleteAndACreateAndSwappedRowsAreUpdates() throws Exception {
        try (Trial trial = Trial.of(
                directory, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'a'), (2, 'b')")) {
            assertThat(trial.commit("UPDATE t SET id=3 WHERE id=1"))
                    .containsExactly("row t DELETE 1 [1, t'a'] -> -", "row t CREATE 3 - -> [3, t'a']");
            assertThat(trial.commit(
                            "UPDATE t SET id=9 WHERE id=3",
                            "UPDATE t SET id=3 WHERE id=2",
                            "UPDATE t SET id=2 WHERE id=9"))
                    .containsExactly("row t UPDATE 2 [2, t'b'] -> [2, t'a']", "row t UPDATE 3 [3, t'a'] -> [3, t'b']");
        }
    }

    @Test
    void replacingARowOfADeclaredKeyIsOneUpdateAndDeletesComeFirst() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE t(k TEXT PRIMARY KEY, v)",
                "INSERT INTO t VALUES('a', 1), ('b', 2), ('c', 3), ('d', 4), (NULL, 5)")) {
            assertThat(trial.commit("REPLACE INTO t VALUES('a', 10)"))
                    .containsExactly("row t UPDATE 6 [t'a', 1] -> [t'a', 10]");
            assertThat(trial.commit("REPLACE INTO t VALUES('b', 2)")).isEmpty();
            assertThat(trial.commit("DELETE FROM t WHERE k='a'", "UPDATE t SET k='a' WHERE k='c'"))
                    .containsExactly("row t DELETE 3 [t'c', 3] -> -", "row t UPDATE 3 [t'a', 10] -> [t'a', 3]");
            assertThat(trial.commit("REPLACE INTO t VALUES(NULL, 5)")).hasSize(1);
            assertThat(trial.commit(
                            "UPDATE t SET k='x' WHERE k='a'",
                            "UPDATE t SET k='a' WHERE k='d'",
                            "UPDATE t SET k='d' WHERE k='x'"))
                    .containsExactly("row t UPDATE 3 [t'd', 4] -> [t'd', 3]", "row t UPDATE 4 [t'a', 3] -> [t'a', 4]");
        }
    }

    @Test
    void aKeyThatOnlyItsCollationTakesForEqualIsAnotherKey() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, v)",
                "INSERT INTO t VALUES('a', 1)",
                "CREATE TABLE w(k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID",
                "INSERT INTO w VALUES('a', 1), ('b', 2)")) {
            assertThat(trial.commit("REPLACE INTO t VALUES('A', 1)", "UPDATE w SET k='A' WHERE k='a'"))
                    .containsExactly(
                            "row t DELETE 1 [t'a', 1] -> -",
                            "row t CREATE 2 - -> [t'A', 1]",
                            "row w DELETE - [t'a', 1] -> -",
                            "row w CREATE - - -> [t'A', 1]");
        }
    }

    @Test
    void rowsThatSplitsAndMergesMoveAreNoEvents() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=512",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                NUMBERS.formatted(3000) + "INSERT INTO t SELECT 10 * i, printf('%.*c', i % 90, 'x') FROM n")) {
            List<String> inserted = trial.commit(
                    NUMBERS.formatted(200) + "INSERT INTO t SELECT 10 * i + 9000 + 1, printf('%.200c', 'y') FROM n");
            assertThat(inserted).hasSize(200).allMatch(event -> event.startsWith("row t CREATE"));
            assertThat(trial.commit("DELETE FROM t WHERE id % 10 = 1 OR id BETWEEN 2000 AND 20000"))
                    .hasSize(2001 - 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65536})
    void vacuumOfAnyKindIsNoEvent(int pageSize) throws Exception {
        for (int autoVacuum = 0; autoVacuum <= 2; autoVacuum++) {
            try (Trial trial = new Trial(
                    directory.resolve(autoVacuum + ".db"),
                    name -> true,
                    "PRAGMA page_size=" + pageSize,
                    "PRAGMA auto_vacuum=" + autoVacuum,
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                    "CREATE TABLE gone(v)",
                    "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                    "CREATE TABLE keyless(v)",
                    NUMBERS.formatted(200) + "INSERT INTO gone SELECT zeroblob(i) FROM n",
                    NUMBERS.formatted(200) + "INSERT INTO t SELECT 3 * i, zeroblob(i % 7 * 1000) FROM n",
                    NUMBERS.formatted(200) + "INSERT INTO w SELECT 'k' || i, zeroblob(i % 7 * 1000) FROM n",
                    NUMBERS.formatted(200) + "INSERT INTO keyless SELECT i % 9 FROM n",
                    "DELETE FROM keyless WHERE v = 3")) {
                assertThat(trial.commit("DROP TABLE gone")).containsExactly("schema gone -");
                trial.commit("DELETE FROM t WHERE id % 5 = 0", "DELETE FROM w WHERE k LIKE '%7'");
                for (int i = 0; i < 3; i++) {
                    trial.run("PRAGMA incremental_vacuum(5)");
                    assertThat(trial.changes()).isEmpty();
                }
                trial.run("VACUUM");
                assertThat(trial.changes()).isEmpty();
            }
        }
    }

    @Test
    void aChainThatIsRewrittenInPlaceIsAnUpdateThoughItsCellIsTheSame() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=1024",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                "CREATE TABLE w(k INT PRIMARY KEY, v) WITHOUT ROWID",
                NUMBERS.formatted(30) + "INSERT INTO t SELECT i, zeroblob(5000 + i) FROM n",
                NUMBERS.formatted(300) + "INSERT INTO w SELECT i, zeroblob(2000 + i) FROM n")) {
            assertThat(trial.commit("UPDATE t SET v=CAST(substr(v, 1, length(v) - 1) || x'01' AS BLOB) WHERE id=7"))
                    .hasSize(1);
            assertThat(trial.commit("UPDATE w SET v=CAST(substr(v, 1, length(v) - 1) || x'01' AS BLOB) WHERE k%9=7"))
                    .hasSize(33);
        }
    }

    @Test
    void blobInputAndOutputIsSeen() throws Exception {
        assumeThat(python("import sqlite3; sqlite3.Connection.blobopen")).isZero();
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                "INSERT INTO t VALUES(1, zeroblob(100000)), (2, zeroblob(10)), (3, zeroblob(100000))")) {
            String open = "import sqlite3; c = sqlite3.connect(r'" + directory.resolve("test.db")
                    + "'); b = c.blobopen('t', 'v', ";
            assertThat(python(open + "3); b.seek(50000); b.write(b'in the middle'); b.close(); c.commit()"))
                    .isZero();
            assertThat(trial.changes()).hasSize(1).first().asString().startsWith("row t UPDATE 3");
            assertThat(trial.lastReads()).isLessThan(160);
            assertThat(python(open + "1); b.seek(99999); b.write(b'!'); b.close(); c.commit()"))
                    .isZero();
            assertThat(trial.changes()).hasSize(1).first().asString().startsWith("row t UPDATE 1");
        }
    }

    private static int python(String program) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder("python3", "-c", program).inheritIO().start();
        } catch (java.io.IOException missing) {
            return -1;
        }
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -2;
    }

    @Test
    void alteredColumnsAreASchemaChangeAndNoRows() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT, c)",
                "INSERT INTO t VALUES(1, 2, 'three', 4.5), (2, NULL, '', x'00')")) {
            assertThat(trial.commit("ALTER TABLE t ADD COLUMN d REAL DEFAULT 7"))
                    .containsExactly("schema t t");
            assertThat(trial.commit("UPDATE t SET a=3 WHERE id=1"))
                    .containsExactly("row t UPDATE 1 [1, 2, t'three', r4.5, r7.0] -> [1, 3, t'three', r4.5, r7.0]");
            assertThat(trial.commit("ALTER TABLE t RENAME COLUMN b TO bb")).containsExactly("schema t t");
            assertThat(trial.commit("ALTER TABLE t DROP COLUMN a")).containsExactly("schema t t");
            assertThat(trial.commit("ALTER TABLE t RENAME TO u")).containsExactly("schema t u");
            assertThat(trial.commit("UPDATE u SET c=NULL, d=1 WHERE id=2"))
                    .containsExactly("row u UPDATE 2 [2, t'', x'\\00', r7.0] -> [2, t'', NULL, r1.0]");
            assertThat(trial.commit(
                            "ALTER TABLE u RENAME COLUMN c TO cc",
                            "ALTER TABLE u ADD COLUMN e DEFAULT 'e'",
                            "INSERT INTO u VALUES(3, '', 1, 1, 1)"))
                    .containsExactly("schema u u", "row u CREATE 3 - -> [3, t'', 1, r1.0, 1]");
        }
    }

    @Test
    void aColumnThatBecameRealIsAChangeOfWhatWasEmitted() throws Exception {
        try (Trial trial =
                Trial.of(directory, "CREATE TABLE k(id INTEGER PRIMARY KEY, c INT)", "INSERT INTO k VALUES(1, -7)")) {
            assertThat(trial.commit(
                            "DROP TABLE k",
                            "CREATE TABLE k(id INTEGER PRIMARY KEY, c REAL)",
                            "INSERT INTO k VALUES(1, -7)"))
                    .containsExactly("schema k k", "row k UPDATE 1 [1, -7] -> [1, r-7.0]");
        }
    }

    @Test
    void aRebuiltTableIsComparedByItsNameAlsoOverTwoTransactions() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=512",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)",
                NUMBERS.formatted(400) + "INSERT INTO t SELECT i, i, 'b' FROM n")) {
            assertThat(trial.commit(
                            "CREATE TABLE new_t(id INTEGER PRIMARY KEY, b, a NOT NULL)",
                            "INSERT INTO new_t(id, a, b) SELECT id, a, b FROM t WHERE id <> 7",
                            "DROP TABLE t",
                            "ALTER TABLE new_t RENAME TO t"))
                    .containsExactly("schema t t", "row t DELETE 7 [7, t'b', 7] -> -");
            assertThat(trial.commit("CREATE TABLE new_t AS SELECT * FROM t WHERE id <> 8"))
                    .hasSize(1 + 398);
            assertThat(trial.commit("DROP TABLE t", "ALTER TABLE new_t RENAME TO t"))
                    .startsWith("schema new_t -", "schema t t");
        }
    }

    @Test
    void aDroppedTableIsASchemaChangeAndACreatedOneAllItsRows() throws Exception {
        try (Trial trial = Trial.of(directory, "CREATE TABLE t(a)", "INSERT INTO t VALUES(1), (2)")) {
            assertThat(trial.commit("DROP TABLE t")).containsExactly("schema t -");
            assertThat(trial.commit("CREATE TABLE t(a)", "INSERT INTO t VALUES(3)"))
                    .containsExactly("schema - t", "row t CREATE 1 - -> [3]");
        }
    }

    @Test
    void aTableThatBecomesWithoutRowidIsComparedByItsKey() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "CREATE TABLE t(k TEXT PRIMARY KEY, v)",
                "INSERT INTO t VALUES('b', 1), ('a', 2), (NULL, 3), ('c', 4)")) {
            assertThat(trial.commit(
                            "DELETE FROM t WHERE k='c'",
                            "CREATE TABLE n(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                            "INSERT INTO n SELECT * FROM t WHERE k NOT NULL",
                            "UPDATE n SET v=9 WHERE k='a'",
                            "DROP TABLE t",
                            "ALTER TABLE n RENAME TO t"))
                    .containsExactly(
                            "schema t t",
                            "row t DELETE 3 [NULL, 3] -> -",
                            "row t UPDATE - [t'a', 2] -> [t'a', 9]",
                            "row t DELETE 4 [t'c', 4] -> -");
        }
    }

    @Test
    void entriesOfADescendingIgnoringOrUnknownOrderAreMetOnBothSides() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=512",
                "CREATE TABLE d(a TEXT COLLATE RTRIM, b INT, v, PRIMARY KEY(a DESC, b)) WITHOUT ROWID",
                "CREATE TABLE u(k TEXT COLLATE BACKWARDS PRIMARY KEY, v) WITHOUT ROWID",
                NUMBERS.formatted(700) + "INSERT INTO d SELECT 'a' || (i % 40) || '  ', i, i FROM n",
                NUMBERS.formatted(700) + "INSERT INTO u SELECT 'k' || i, i FROM n")) {
            assertThat(trial.commit(
                            "UPDATE d SET v=0 WHERE b%100=0",
                            "DELETE FROM d WHERE b=50",
                            "UPDATE u SET v=0 WHERE v%100=0",
                            "DELETE FROM u WHERE v=50",
                            "INSERT INTO u VALUES('a new one', 1)"))
                    .hasSize(17);
        }
    }

    @Test
    void aTableIsThereOnlyWhileItsNameIsWanted() throws Exception {
        try (Trial trial = new Trial(
                directory.resolve("test.db"),
                name -> !name.startsWith("hidden"),
                "PRAGMA page_size=512",
                "CREATE TABLE hidden(id INTEGER PRIMARY KEY, v)",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                NUMBERS.formatted(300) + "INSERT INTO hidden SELECT i, zeroblob(i * 3) FROM n")) {
            assertThat(trial.commit("UPDATE hidden SET v=1 WHERE id=2")).isEmpty();
            assertThat(trial.commit("ALTER TABLE hidden RENAME TO shown"))
                    .hasSize(301)
                    .startsWith("schema - shown");
            assertThat(trial.commit("UPDATE shown SET v=zeroblob(length(v)-1)||x'01' WHERE id%50=0"))
                    .hasSize(6);
            assertThat(trial.commit("ALTER TABLE shown RENAME TO hidden2")).containsExactly("schema shown -");
            assertThat(trial.commit("DELETE FROM hidden2 WHERE id > 100")).isEmpty();
            assertThat(trial.commit("INSERT INTO t SELECT id, v FROM hidden2")).hasSize(100);
            assertThat(trial.commit("DROP TABLE t", "ALTER TABLE hidden2 RENAME TO t"))
                    .isEmpty();
        }
    }

    @Test
    void anotherPageSizeIsComparedWhole() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=1024",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
                "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                NUMBERS.formatted(300) + "INSERT INTO t SELECT i, zeroblob(i * 9) FROM n",
                NUMBERS.formatted(300) + "INSERT INTO w SELECT i, zeroblob(i * 9) FROM n")) {
            trial.run("PRAGMA page_size=8192");
            trial.run("UPDATE t SET v=0 WHERE id=5");
            trial.run("VACUUM");
            trial.run("UPDATE w SET v=0 WHERE k='6'");
            assertThat(trial.changes()).hasSize(2);
            assertThat(trial.commit("UPDATE t SET v=1 WHERE id=5")).hasSize(1);
        }
    }

    @Test
    void beyondTheBoundOfPairsTheSameRowsAreDeletedAndCreated() throws Exception {
        try (Trial trial = Trial.of(
                directory,
                "PRAGMA page_size=65536",
                "CREATE TABLE t(k BLOB PRIMARY KEY, v)",
                "CREATE TABLE few(k BLOB PRIMARY KEY, v)",
                NUMBERS.formatted(20) + "INSERT INTO t SELECT i || zeroblob(1000000), i FROM n",
                "INSERT INTO few SELECT * FROM t LIMIT 3")) {
            List<String> events =
                    trial.commit("REPLACE INTO few SELECT k, -v FROM few", "REPLACE INTO t SELECT k, -v FROM t");
            assertThat(events).hasSize(3 + 40);
            assertThat(events.subList(0, 3)).allMatch(event -> event.startsWith("row few UPDATE"));
            assertThat(events.subList(3, 23)).allMatch(event -> event.startsWith("row t DELETE"));
            assertThat(events.subList(23, 43)).allMatch(event -> event.startsWith("row t CREATE"));
        }
    }

    @Test
    void aCollationPutInThePlaceOfNocaseIsFoundOut() throws Exception {
        Path file = directory.resolve("test.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            Collation.create(connection, "NOCASE", new Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return right.compareTo(left);
                }
            });
            // The driver hands over a collation for UTF-16, which SQLite would not prefer in another encoding.
            statement.execute("PRAGMA encoding='UTF-16'");
            statement.execute("CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID");
            statement.execute("INSERT INTO t VALUES('a', 1), ('b', 2), ('c', 3)");
            PagesInMemory before = new PagesInMemory(Files.readAllBytes(file));
            TransactionDiffer differ = new TransactionDiffer(before, name -> true);
            statement.execute("DELETE FROM t WHERE v=2");
            PagesInMemory after = new PagesInMemory(Files.readAllBytes(file));
            assertThatExceptionOfType(DamagedDatabaseException.class)
                    .isThrownBy(() -> differ.diff(before, after, after.allPages(), false, new Trial.Recorder()))
                    .withMessageContaining("table t is out of order")
                    .withMessageContaining("in the place of NOCASE");
        }
    }

    @Test
    void oneRowCostsAsManyPagesAsTheTreeIsDeep() throws Exception {
        Path file = directory.resolve("test.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=1024");
            statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
            statement.execute(NUMBERS.formatted(100_000) + "INSERT INTO t SELECT i, 'row ' || i FROM n");
            PagesInMemory before = new PagesInMemory(Files.readAllBytes(file));
            TransactionDiffer differ = new TransactionDiffer(before, name -> true);
            for (String sql :
                    List.of("UPDATE t SET v='row 55x55' WHERE id=55555", "INSERT INTO t VALUES(NULL, 'new')")) {
                statement.execute(sql);
                PagesInMemory after = new PagesInMemory(Files.readAllBytes(file));
                before.forgetReads();
                Trial.Recorder recorder = new Trial.Recorder();
                differ.diff(before, after, after.changedSince(before), false, recorder);
                assertThat(recorder.events).hasSize(1);
                assertThat(before.pagesRead() + after.pagesRead()).isLessThan(14);
                before = after;
            }
        }
    }
}
