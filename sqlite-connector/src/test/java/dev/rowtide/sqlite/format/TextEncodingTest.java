package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TextEncodingTest {
    @TempDir
    Path directory;

    /** What a program gets from sqlite3_column_text of a database with that encoding. */
    @ParameterizedTest
    @CsvSource({
        "UTF_8, 61ff62c0, 61ff62c0",
        "UTF_16LE, 6100e400ac20, 61c3a4e282ac",
        "UTF_16BE, 006100e420ac, 61c3a4e282ac",
        "UTF_16LE, 3dd800de, f09f9880",
        "UTF_16BE, d83dde00, f09f9880",
        "UTF_16LE, 00d8, eda080",
        "UTF_16LE, 00dc, edb080",
        "UTF_16LE, 00d86100, f09081a1",
        "UTF_16BE, dc000061, f09081a1",
        "UTF_16LE, 610062, 61",
        "UTF_16BE, 0000, 00"
    })
    void malformedTextBecomesTheUtf8ThatSqliteMakesOfIt(TextEncoding encoding, String stored, String utf8) {
        assertThat(HexFormat.of().formatHex(encoding.toUtf8(HexFormat.of().parseHex(stored))))
                .isEqualTo(utf8);
    }

    @ParameterizedTest
    @EnumSource(TextEncoding.class)
    void anyTextIsTheStringThatTheDriverReads(TextEncoding encoding) throws Exception {
        Path file = directory.resolve("texts.db");
        TestDatabase.create(file, 4096, encoding, 0);
        Random random = new Random(3);
        TestDatabase.write(file, connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT CAST(? AS TEXT)")) {
                for (int i = 0; i < 2000; i++) {
                    byte[] stored = new byte[random.nextInt(12)];
                    random.nextBytes(stored);
                    for (int at = 0; at < stored.length; at++) {
                        // Surrogates and NULs are more often than chance makes them.
                        stored[at] = random.nextInt(3) == 0 ? (byte) (0xd8 + random.nextInt(8)) : stored[at];
                        stored[at] = random.nextInt(6) == 0 ? 0 : stored[at];
                    }
                    select.setBytes(1, stored);
                    try (ResultSet result = select.executeQuery()) {
                        result.next();
                        assertThat(encoding.decode(stored)).isEqualTo(result.getString(1));
                    }
                }
            }
        });
    }

    @Test
    void validUtf8IsNotCopied() {
        byte[] stored = {'a'};
        assertThat(TextEncoding.UTF_8.toUtf8(stored)).isSameAs(stored);
    }
}
