package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyOrderTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "UTF_8, BINARY", "UTF_8, NOCASE", "UTF_8, RTRIM",
        "UTF_16LE, BINARY", "UTF_16LE, NOCASE", "UTF_16LE, RTRIM",
        "UTF_16BE, BINARY", "UTF_16BE, NOCASE", "UTF_16BE, RTRIM"
    })
    void anyTwoValuesCompareAsInSqlite(TextEncoding encoding, String collation) throws Exception {
        List<StoredValue> values = values(encoding, new Random(7));
        KeyOrder order = new KeyOrder(List.of(new KeyOrder.Part(collation, false)), 4);
        List<Integer> expected = new ArrayList<>();
        Path file = directory.resolve("pairs.db");
        TestDatabase.create(file, 4096, encoding, 0);
        TestDatabase.write(file, connection -> {
            TestDatabase.execute(connection, "CREATE TABLE v(i INTEGER PRIMARY KEY, v COLLATE " + collation + ")");
            insert(connection, "INSERT INTO v(v) VALUES(%s)", values);
            try (Statement statement = connection.createStatement();
                    ResultSet result =
                            statement.executeQuery("SELECT CASE WHEN a.v IS b.v THEN 0 WHEN a.v IS NULL THEN -1"
                                    + " WHEN b.v IS NULL THEN 1 WHEN a.v < b.v THEN -1 ELSE 1 END"
                                    + " FROM v a, v b ORDER BY a.i, b.i")) {
                while (result.next()) {
                    expected.add(result.getInt(1));
                }
            }
        });
        List<String> wrong = new ArrayList<>();
        int index = 0;
        for (StoredValue left : values) {
            for (StoredValue right : values) {
                StoredValue[] leftKey = {left};
                StoredValue[] rightKey = {right};
                int sign = expected.get(index++);
                if (Integer.signum(order.compare(leftKey, rightKey)) != sign) {
                    wrong.add(left + " against " + right + " should be " + sign);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "UTF_8, BINARY DESC, NOCASE ASC",
        "UTF_8, NOCASE ASC, RTRIM DESC",
        "UTF_8, RTRIM DESC, BINARY DESC",
        "UTF_16LE, NOCASE DESC, BINARY ASC",
        "UTF_16BE, RTRIM ASC, NOCASE DESC",
        "UTF_16LE, BINARY ASC, RTRIM ASC"
    })
    void entriesOfAKeyedTableAscend(TextEncoding encoding, String first, String second) throws Exception {
        Path file = directory.resolve("keyed.db");
        TestDatabase.create(file, 512, encoding, 0);
        FilePages pages = TestDatabase.write(file, connection -> {
            TestDatabase.execute(
                    connection,
                    "CREATE TABLE k(a, b, filler, PRIMARY KEY(a COLLATE " + first + ", b COLLATE " + second
                            + ")) WITHOUT ROWID");
            List<StoredValue> values = values(encoding, new Random(8));
            values.removeIf(value -> value.equals(StoredValue.NULL));
            for (int i = 0; i < 5; i++) {
                insert(connection, "INSERT OR IGNORE INTO k VALUES(%s, " + i % 3 + ", zeroblob(60))", values);
                insert(connection, "INSERT OR IGNORE INTO k VALUES(" + i % 2 + ", %s, zeroblob(300))", values);
            }
        });
        KeyOrder order = new KeyOrder(List.of(part(first), part(second)), 4);
        BTreeCursor cursor =
                new BTreeCursor(pages, 512, TestDatabase.root(pages, "k"), false, BTreeCursor.NOTHING_SKIPPED);
        StoredValue[] last = null;
        int entries = 0;
        while (cursor.next()) {
            StoredValue[] key = cursor.cell().values(pages, 512, encoding, 2);
            assertThat(key).hasSize(2);
            if (last != null) {
                assertThat(order.compare(last, key)).isNegative();
                assertThat(order.compare(key, last)).isPositive();
            }
            last = key;
            entries++;
        }
        assertThat(entries).isGreaterThan(300);
    }

    @Test
    void descendingKeysOfAnOldSchemaFormatAscend() {
        KeyOrder old = new KeyOrder(List.of(new KeyOrder.Part("BINARY", true)), 3);
        StoredValue[] one = {new StoredValue.Int(1)};
        StoredValue[] two = {new StoredValue.Int(2)};
        assertThat(old.compare(one, two)).isNegative();
    }

    @Test
    void anUnknownCollatingSequenceHasNoOrder() {
        KeyOrder order = new KeyOrder(List.of(new KeyOrder.Part("DE_PHONEBOOK", false)), 4);
        StoredValue[] lower = {TestDatabase.text("a", TextEncoding.UTF_8)};
        StoredValue[] upper = {TestDatabase.text("A", TextEncoding.UTF_8)};
        assertThat(order.comparable()).isFalse();
        assertThatThrownBy(() -> order.compare(lower, upper)).isInstanceOf(IllegalStateException.class);
    }

    private static KeyOrder.Part part(String declared) {
        String[] words = declared.split(" ");
        return new KeyOrder.Part(words[0], words[1].equals("DESC"));
    }

    private static void insert(Connection connection, String sql, List<StoredValue> values) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement plain = connection.prepareStatement(sql.replace("%s", "?"));
                PreparedStatement text = connection.prepareStatement(sql.replace("%s", "CAST(? AS TEXT)"))) {
            for (StoredValue value : values) {
                PreparedStatement insert = value instanceof StoredValue.Text ? text : plain;
                if (value instanceof StoredValue.Int number) {
                    insert.setLong(1, number.value());
                } else if (value instanceof StoredValue.Real number) {
                    insert.setDouble(1, number.value());
                } else if (value instanceof StoredValue.Text content) {
                    insert.setBytes(1, content.bytes());
                } else if (value instanceof StoredValue.Blob blob) {
                    insert.setBytes(1, blob.bytes());
                } else {
                    insert.setObject(1, null);
                }
                insert.execute();
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static List<StoredValue> values(TextEncoding encoding, Random random) {
        List<StoredValue> values = new ArrayList<>();
        values.add(StoredValue.NULL);
        for (long number : new long[] {
            0,
            1,
            -1,
            5,
            1L << 53,
            (1L << 53) + 1,
            -(1L << 53) - 1,
            Long.MAX_VALUE,
            Long.MAX_VALUE - 1,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 1
        }) {
            values.add(new StoredValue.Int(number));
        }
        for (double number : new double[] {
            0.0,
            -0.0,
            1,
            5,
            4.999999999999999,
            5.5,
            -0.5,
            0x1p53,
            0x1p53 + 2,
            0x1p63,
            -0x1p63,
            -0x1.0000000000001p63,
            0x1.fffffffffffffp62,
            1e300,
            -1e300,
            Double.MIN_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY
        }) {
            values.add(new StoredValue.Real(number));
        }
        for (String text : new String[] {
            "", " ", "  ", "a", "A", "a ", "A  ", "ab", "aB", "Z", "[", "_", "z", "ä", "Ä", "\0", "a\0b", "A\0c",
            "a\0bc", "a\0", "\uffff", "\ue000", "😀", "😁a", "\ud800", "\udc00", "\ud800a", "Āa", "aĀ", "5", "a\t",
            "a\u00a0"
        }) {
            values.add(new StoredValue.Text(bytes(text, encoding), encoding));
        }
        for (int i = 0; i < 60; i++) {
            // Even, as any text in UTF-16.
            byte[] bytes = new byte[random.nextInt(4) * 2];
            random.nextBytes(bytes);
            values.add(new StoredValue.Blob(bytes));
            values.add(new StoredValue.Text(bytes.clone(), encoding));
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(5); left > 0; left--) {
                text.append("aAbB \0ä".charAt(random.nextInt(7)));
            }
            values.add(new StoredValue.Text(bytes(text.toString(), encoding), encoding));
        }
        return values;
    }

    /** Half surrogate pairs survive in UTF-16. */
    private static byte[] bytes(String text, TextEncoding encoding) {
        if (encoding == TextEncoding.UTF_8) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[text.length() * 2];
        for (int i = 0; i < text.length(); i++) {
            int low = encoding == TextEncoding.UTF_16LE ? 0 : 1;
            bytes[2 * i + low] = (byte) text.charAt(i);
            bytes[2 * i + 1 - low] = (byte) (text.charAt(i) >> 8);
        }
        return bytes;
    }
}
