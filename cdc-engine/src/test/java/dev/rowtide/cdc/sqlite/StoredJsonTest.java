package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.ResourceConfig.Numbers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredJsonTest {
    private static final int RANDOM_NUMBERS = 20_000;

    @ParameterizedTest
    @CsvSource({
        "5, 5.0",
        "0, 0.0",
        "-0.0, 0.0",
        "-1.5, -1.5",
        "0.1, 0.1",
        "1e-4, 0.0001",
        "1e-5, 1.0e-05",
        "1e16, 10000000000000000.0",
        "1e17, 1.0e+17",
        "2e23, 2.0e+23",
        "1e308, 1.0e+308",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "123456789012345678, 1.2345678901234568e+17",
        "12345678.9, 12345678.9",
        "0.30000000000000004, 0.30000000000000004"
    })
    void aRealHasTheFormOfSqlitesJson(double value, String json) throws SQLException {
        assertThat(StoredJson.of(real(value), Numbers.NUMBER)).isEqualTo(json);
        assertThat(json).isEqualTo(sqlites(value));
    }

    /** SQLite writes 17 digits where 16 are enough; so only the number is the same, and never more digits than its own. */
    @Test
    void everyRealReadsBackAsTheSameNumber() throws SQLException {
        Random random = new Random(7);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                PreparedStatement statement = connection.prepareStatement("SELECT json_array(?)")) {
            for (int i = 0; i < RANDOM_NUMBERS; i++) {
                double value = i % 2 == 0
                        ? Double.longBitsToDouble(random.nextLong())
                        : Math.rint(random.nextGaussian() * 1e6) / Math.pow(10, random.nextInt(9));
                if (Double.isFinite(value)) {
                    String json = StoredJson.real(value);
                    assertThat(Double.parseDouble(json)).isEqualTo(value == 0 ? 0.0 : value);
                    statement.setDouble(1, value);
                    try (ResultSet row = statement.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        assertThat(json.length())
                                .as("%s against %s", json, row.getString(1))
                                .isLessThanOrEqualTo(row.getString(1).length() - 2);
                    }
                }
            }
        }
    }

    @Test
    void whatJsonHasNoNumberForIsAString() {
        assertThat(StoredJson.of(real(Double.POSITIVE_INFINITY), Numbers.NUMBER))
                .isEqualTo("\"Infinity\"");
        assertThat(StoredJson.of(real(Double.NEGATIVE_INFINITY), Numbers.NUMBER))
                .isEqualTo("\"-Infinity\"");
    }

    @Test
    void integersKeepAllDigitsAndAreStringsOnRequest() {
        assertThat(StoredJson.of(integer(Long.MIN_VALUE), Numbers.NUMBER)).isEqualTo("-9223372036854775808");
        assertThat(StoredJson.of(integer(9_007_199_254_740_993L), Numbers.STRING))
                .isEqualTo("\"9007199254740993\"");
        assertThat(StoredJson.plain(integer(7))).isEqualTo("7");
    }

    @Test
    void textIsEscapedAndWhatIsNoUtf8IsReplaced() {
        assertThat(StoredJson.of(value(3, "a\"\\\u0000\n ü".getBytes(StandardCharsets.UTF_8)), Numbers.NUMBER))
                .isEqualTo("\"a\\\"\\\\\\u0000\\n ü\"");
        assertThat(StoredJson.of(value(3, new byte[] {'a', (byte) 0xff, 'b'}), Numbers.NUMBER))
                .isEqualTo("\"a\ufffdb\"");
        assertThat(StoredJson.plain(value(3, "a\"b".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("a\"b");
        assertThat(StoredJson.of(value(3, new byte[0]), Numbers.NUMBER)).isEqualTo("\"\"");
    }

    @Test
    void aBlobIsBase64() {
        assertThat(StoredJson.of(value(4, new byte[] {0, 1, (byte) 0xff}), Numbers.NUMBER))
                .isEqualTo("\"AAH/\"");
        assertThat(StoredJson.plain(value(4, new byte[] {(byte) 0xfb, (byte) 0xff})))
                .isEqualTo("+/8=");
    }

    @Test
    void anotherFormIsNotGuessedAt() {
        assertThatThrownBy(() -> StoredJson.of(new byte[0], Numbers.NUMBER)).hasMessageContaining("another version");
        assertThatThrownBy(() -> StoredJson.of(value(9, new byte[8]), Numbers.NUMBER))
                .hasMessageContaining("another version");
        assertThatThrownBy(() -> StoredJson.of(value(1, new byte[4]), Numbers.NUMBER))
                .hasMessageContaining("another version");
    }

    private static String sqlites(double value) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                PreparedStatement statement = connection.prepareStatement("SELECT json_quote(?)")) {
            statement.setDouble(1, value);
            try (ResultSet row = statement.executeQuery()) {
                return row.getString(1);
            }
        }
    }

    static byte[] integer(long value) {
        return ByteBuffer.allocate(9).put((byte) 1).putLong(value).array();
    }

    static byte[] real(double value) {
        return ByteBuffer.allocate(9).put((byte) 2).putDouble(value).array();
    }

    static byte[] value(int storageClass, byte[] content) {
        return ByteBuffer.allocate(1 + content.length)
                .put((byte) storageClass)
                .put(content)
                .array();
    }
}
