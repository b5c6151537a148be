package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NumberTextTest {

    @ParameterizedTest
    @CsvSource({
        "5.0, 5.0",
        "-0.0, 0.0",
        "0.1, 0.1",
        "4.35, 4.35",
        "0.0001, 0.0001",
        "0.00001, 1.0e-05",
        "1.5e300, 1.5e+300",
        "1e16, 10000000000000000.0",
        "1e17, 1.0e+17",
        "-123456789012345678, -1.2345678901234568e+17",
        "0.30000000000000004, 0.30000000000000004",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "Infinity, Inf",
        "-Infinity, -Inf"
    })
    void realsAreLaidOutAsSqliteDoes(double value, String text) {
        assertThat(NumberText.of(value)).isEqualTo(text);
    }

    @Test
    void everyRealReadsBackAsTheSameNumberInJavaAndInSqlite() throws Exception {
        Random random = new Random(7);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                PreparedStatement cast = connection.prepareStatement("select cast(? as real)")) {
            for (int i = 0; i < 4_000; i++) {
                double value = i % 2 == 0
                        ? Double.longBitsToDouble(random.nextLong())
                        : random.nextInt(1_000_000) / 1000.0 * Math.pow(10, random.nextInt(30) - 15);
                if (Double.isNaN(value) || Double.isInfinite(value) || Math.abs(value) < Double.MIN_NORMAL) {
                    continue;
                }
                String text = NumberText.of(value);
                assertThat(Double.parseDouble(text)).isEqualTo(value);
                cast.setString(1, text);
                try (ResultSet result = cast.executeQuery()) {
                    result.next();
                    assertThat(result.getDouble(1)).as(text).isEqualTo(value);
                }
            }
        }
    }
}
