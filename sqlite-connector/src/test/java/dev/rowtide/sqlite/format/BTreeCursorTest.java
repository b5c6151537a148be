package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BTreeCursorTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "512, UTF_8, 0",
        "512, UTF_16LE, 32",
        "1024, UTF_16BE, 0",
        "4096, UTF_8, 12",
        "8192, UTF_16LE, 0",
        "32768, UTF_8, 0",
        "65536, UTF_16BE, 0",
        "65536, UTF_8, 255"
    })
    void everyRowOfRandomTablesIsWhatSelectReturns(int pageSize, TextEncoding encoding, int reserved) throws Exception {
        Path file = directory.resolve("random.db");
        List<String> expected = new ArrayList<>();
        List<String> expectedKeyed = new ArrayList<>();
        TestDatabase.create(file, pageSize, encoding, reserved);
        FilePages pages = TestDatabase.write(file, connection -> {
            TestDatabase.execute(
                    connection,
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c, d)",
                    "CREATE TABLE k(a, b, c, d, e PRIMARY KEY) WITHOUT ROWID");
            insertRandomRows(connection, pageSize);
            expected.addAll(select(connection, "id", "NULL, a, b, c, d", "t ORDER BY id"));
            expectedKeyed.addAll(select(connection, "0", "e, a, b, c, d", "k ORDER BY e"));
        });
        DatabaseHeader header = DatabaseHeader.parse(pages.page(1));
        assertThat(header.pageSize()).isEqualTo(pageSize);
        assertThat(header.usableSize()).isEqualTo(pageSize - reserved);
        assertThat(header.encoding()).isEqualTo(encoding);
        assertThat(walk(pages, header, "t", true)).isEqualTo(expected);
        assertThat(walk(pages, header, "k", false)).isEqualTo(expectedKeyed);
    }

    @Test
    void seekingFindsTheFirstRowBeyond() throws Exception {
        FilePages pages = manyRows();
        int root = TestDatabase.root(pages, "t");
        TreeSet<Long> rowids = new TreeSet<>();
        BTreeCursor cursor = new BTreeCursor(pages, 512, root, true, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            rowids.add(cursor.cell().rowid());
        }
        assertThat(rowids).hasSizeGreaterThan(1000);
        List<Long> targets = new ArrayList<>(List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE - 1, Long.MAX_VALUE));
        for (long rowid : rowids) {
            targets.add(rowid);
            targets.add(rowid - 1);
        }
        for (long target : targets) {
            Long expected = rowids.higher(target);
            int reads = pages.reads();
            assertThat(cursor.seekAfter(target)).isEqualTo(expected != null);
            assertThat(pages.reads() - reads).isLessThan(8);
            if (expected != null) {
                assertThat(cursor.cell().rowid()).isEqualTo(expected);
                Long following = rowids.higher(expected);
                assertThat(cursor.next()).isEqualTo(following != null);
                if (following != null) {
                    assertThat(cursor.cell().rowid()).isEqualTo(following);
                }
            }
        }
    }

    @Test
    void skippedSubtreesAreNotReadAndEachChildIsAskedForOnce() throws Exception {
        FilePages pages = manyRows();
        for (String table : List.of("t", "k")) {
            int root = TestDatabase.root(pages, table);
            Map<Integer, Integer> entriesByPage = new HashMap<>();
            Set<Integer> asked = new HashSet<>();
            BTreeCursor all = new BTreeCursor(pages, 512, root, table.equals("t"), child -> !asked.add(child));
            while (all.next()) {
                entriesByPage.merge(all.page(), 1, Integer::sum);
            }
            assertThat(asked).hasSizeGreaterThan(50).doesNotContain(root);
            int reads = pages.reads();
            List<Integer> kept = new ArrayList<>();
            BTreeCursor some = new BTreeCursor(pages, 512, root, table.equals("t"), child -> {
                if (child % 3 == 0) {
                    return true;
                }
                kept.add(child);
                return false;
            });
            Map<Integer, Integer> found = new HashMap<>();
            while (some.next()) {
                found.merge(some.page(), 1, Integer::sum);
            }
            assertThat(kept).doesNotHaveDuplicates();
            // The root, and what the filter let pass.
            assertThat(pages.reads() - reads).isEqualTo(kept.size() + 1);
            assertThat(entriesByPage).containsAllEntriesOf(found);
            assertThat(found.keySet()).noneMatch(page -> page % 3 == 0 && page != root);
            assertThat(some.next()).isFalse();
            assertThatThrownBy(some::cell).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void thePayloadSaysHowLongItsOverflowChainIs() throws Exception {
        FilePages pages = TestDatabase.write(
                directory.resolve("chain.db"),
                "PRAGMA page_size=512",
                "CREATE TABLE t(a)",
                "INSERT INTO t VALUES(zeroblob(5000)), (1)");
        BTreeCursor cursor =
                new BTreeCursor(pages, 512, TestDatabase.root(pages, "t"), true, BTreeCursor.NOTHING_SKIPPED);
        cursor.next();
        assertThat(cursor.cell().overflowPages(512)).isEqualTo(9);
        Cell big = cursor.cell();
        assertThat(big.sameBytes(big)).isTrue();
        cursor.next();
        assertThat(cursor.cell().overflowPage()).isZero();
        assertThat(cursor.cell().sameBytes(big)).isFalse();
        assertThat(cursor.cell().overflowPages(512)).isZero();
    }

    @Test
    void theChainIsReadOnlyForValuesThatReachIntoIt() throws Exception {
        FilePages pages = TestDatabase.write(
                directory.resolve("prefix.db"),
                "PRAGMA page_size=512",
                "CREATE TABLE t(a, b, c)",
                "INSERT INTO t VALUES(7, zeroblob(5000), 'end')");
        BTreeCursor cursor =
                new BTreeCursor(pages, 512, TestDatabase.root(pages, "t"), true, BTreeCursor.NOTHING_SKIPPED);
        cursor.next();
        int reads = pages.reads();
        assertThat(cursor.cell().values(pages, 512, TextEncoding.UTF_8, 1)).containsExactly(new StoredValue.Int(7));
        assertThat(pages.reads()).isEqualTo(reads);
        assertThat(cursor.cell().values(pages, 512, TextEncoding.UTF_8, 9))
                .endsWith(TestDatabase.text("end", TextEncoding.UTF_8))
                .hasSize(3);
        assertThat(pages.reads()).isGreaterThan(reads);
    }

    private FilePages manyRows() throws Exception {
        String rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                + " SELECT i * i - i % 7, 'filler ' || i FROM n";
        return TestDatabase.write(
                directory.resolve("many.db"),
                "PRAGMA page_size=512",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
                "CREATE TABLE k(id, a, PRIMARY KEY(a, id)) WITHOUT ROWID",
                "INSERT INTO t " + rows,
                // Rows that are gone leave separators behind that no row has.
                "DELETE FROM t WHERE id % 3 = 0 OR id BETWEEN 100000 AND 200000",
                "INSERT INTO k " + rows);
    }

    private static List<String> walk(FilePages pages, DatabaseHeader header, String table, boolean rowid)
            throws Exception {
        List<String> rows = new ArrayList<>();
        BTreeCursor cursor = new BTreeCursor(
                pages, header.usableSize(), TestDatabase.root(pages, table), rowid, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            StringBuilder row = new StringBuilder().append(rowid ? cursor.cell().rowid() : 0);
            StoredValue[] values = cursor.cell().values(pages, header.usableSize(), header.encoding());
            assertThat(RecordFormat.decode(cursor.cell().payload(pages, header.usableSize()), header.encoding()))
                    .isEqualTo(values);
            for (StoredValue value : values) {
                row.append(' ').append(show(value));
            }
            rows.add(row.toString());
        }
        return rows;
    }

    private static String show(StoredValue value) {
        if (value instanceof StoredValue.Int number) {
            return "integer:" + number.value();
        } else if (value instanceof StoredValue.Real number) {
            return "real:" + number.value();
        } else if (value instanceof StoredValue.Text text) {
            return "text:" + HexFormat.of().formatHex(text.bytes());
        } else if (value instanceof StoredValue.Blob blob) {
            return "blob:" + HexFormat.of().formatHex(blob.bytes());
        }
        return "null";
    }

    private static List<String> select(Connection connection, String rowid, String columns, String from)
            throws SQLException {
        List<String> rows = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT ").append(rowid);
        for (String column : columns.split(", ")) {
            sql.append(", typeof(")
                    .append(column)
                    .append("), ")
                    .append(column)
                    .append(", CAST(")
                    .append(column)
                    .append(" AS BLOB)");
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql + " FROM " + from)) {
            while (result.next()) {
                StringBuilder row = new StringBuilder().append(result.getLong(1));
                for (int i = 2; i <= 14; i += 3) {
                    String type = result.getString(i);
                    row.append(' ')
                            .append(
                                    switch (type) {
                                        case "integer" -> type + ":" + result.getLong(i + 1);
                                        case "real" -> type + ":" + result.getDouble(i + 1);
                                        case "null" -> type;
                                        default -> type + ":" + HexFormat.of().formatHex(result.getBytes(i + 2));
                                    });
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    private static void insertRandomRows(Connection connection, int pageSize) throws SQLException {
        Random random = new Random(pageSize);
        connection.setAutoCommit(false);
        try (PreparedStatement plain = connection.prepareStatement("INSERT OR IGNORE INTO t VALUES(?, ?, ?, ?, ?)");
                PreparedStatement keyed =
                        connection.prepareStatement("INSERT OR IGNORE INTO k VALUES(?, ?, ?, ?, ?)")) {
            for (int i = 0; i < 600; i++) {
                plain.setLong(1, random.nextBoolean() ? i : random.nextLong() >> random.nextInt(64));
                for (int column = 1; column <= 4; column++) {
                    plain.setObject(column + 1, randomValue(random, pageSize));
                    keyed.setObject(column, randomValue(random, pageSize));
                }
                Object key = randomValue(random, pageSize);
                keyed.setObject(5, key == null ? i : key);
                plain.execute();
                keyed.execute();
            }
        }
        connection.commit();
    }

    private static Object randomValue(Random random, int pageSize) {
        switch (random.nextInt(6)) {
            case 0:
                return null;
            case 1:
                return random.nextLong() >> random.nextInt(64);
            case 2:
                return random.nextBoolean()
                        ? (Object) Double.longBitsToDouble(random.nextLong() & 0xbfffffffffffffffL)
                        : random.nextInt(100) / 4.0;
            case 3:
                // Now and then a chain of several pages.
                byte[] blob = new byte[random.nextInt(random.nextInt(30) == 0 ? pageSize * 4 : 200)];
                random.nextBytes(blob);
                return blob;
            default:
                StringBuilder text = new StringBuilder();
                for (int left = random.nextInt(40); left > 0; left--) {
                    text.appendCodePoint(random.nextInt(10) == 0 ? 0x1f600 + left : 'a' + random.nextInt(26) * 7);
                }
                return text.toString();
        }
    }
}
