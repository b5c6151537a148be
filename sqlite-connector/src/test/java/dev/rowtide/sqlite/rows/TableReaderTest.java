package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.Collation;

class TableReaderTest {
    private static final String NUMBERS =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) ";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(id INTEGER PRIMARY KEY, v)",
                "(id INT PRIMARY KEY, v)",
                "(id, v)",
                "(id INT PRIMARY KEY DESC, v) WITHOUT ROWID",
                "(id INT, v TEXT COLLATE NOCASE, PRIMARY KEY(v, id DESC)) WITHOUT ROWID",
                "(id REAL PRIMARY KEY, v) WITHOUT ROWID",
                "(id TEXT COLLATE LENGTH PRIMARY KEY, v) WITHOUT ROWID"
            })
    void readingOnBehindAnyRowGivesTheRestAlsoWhenThatRowIsGone(String shape) throws Exception {
        Path file = directory.resolve("test.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            defineLength(connection);
            statement.execute("PRAGMA page_size=512");
            statement.execute("CREATE TABLE t" + shape);
            statement.execute(NUMBERS + "INSERT INTO t SELECT 3 * i, substr('aAbBcC', i % 6, 2) || i % 11 FROM n");
            PagesInMemory pages = new PagesInMemory(Files.readAllBytes(file));
            List<RowChange> rows = rest(reader(pages));
            assertThat(rows).hasSize(500).allMatch(row -> row.kind() == RowChange.Kind.READ && row.before() == null);
            assertThat(rows.stream().map(row -> Replica.text(row.after())).distinct())
                    .hasSize(500);

            statement.execute("DELETE FROM t WHERE id IN (33, 900, 1500)");
            PagesInMemory later = new PagesInMemory(Files.readAllBytes(file));
            List<String> left = texts(rest(reader(later)));
            for (int i = 0; i < rows.size(); i += 7) {
                TableReader same = reader(pages);
                same.seekAfter(rows.get(i));
                assertThat(texts(rest(same))).isEqualTo(texts(rows.subList(i + 1, rows.size())));
            }
            for (int i = 0; i < rows.size(); i++) {
                if (!left.contains(Replica.text(rows.get(i).after()))) {
                    TableReader other = reader(later);
                    other.seekAfter(rows.get(i));
                    List<String> behind = new ArrayList<>(texts(rows.subList(i + 1, rows.size())));
                    behind.retainAll(left);
                    assertThat(texts(rest(other))).isEqualTo(behind);
                }
            }
        }
    }

    @Test
    void seekingInAnIndexTreeReadsAsManyPagesAsItIsDeep() throws Exception {
        Path file = directory.resolve("test.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=512");
            statement.execute("CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID");
            statement.execute(NUMBERS + "INSERT INTO t SELECT a.i || '-' || b.i, 1 FROM n a, n b WHERE b.i < 50");
            PagesInMemory pages = new PagesInMemory(Files.readAllBytes(file));
            List<RowChange> rows = rest(reader(pages));
            TableReader reader = reader(pages);
            pages.forgetReads();
            reader.seekAfter(rows.get(20_000));
            assertThat(Replica.text(reader.next().after()))
                    .isEqualTo(Replica.text(rows.get(20_001).after()));
            assertThat(pages.pagesRead()).isLessThan(12);
        }
    }

    private static void defineLength(Connection connection) throws SQLException {
        Collation.create(connection, "LENGTH", new Collation() {
            @Override
            protected int xCompare(String left, String right) {
                int byLength = Integer.compare(left.length(), right.length());
                return byLength != 0 ? byLength : left.compareTo(right);
            }
        });
    }

    private static TableReader reader(PagesInMemory pages) throws Exception {
        Schema schema = Schema.read(pages);
        return new TableReader(pages, schema, schema.table("T").orElseThrow());
    }

    private static List<RowChange> rest(TableReader reader) throws Exception {
        List<RowChange> rows = new ArrayList<>();
        for (RowChange row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        return rows;
    }

    private static List<String> texts(List<RowChange> rows) {
        return rows.stream().map(row -> Replica.text(row.after())).toList();
    }
}
