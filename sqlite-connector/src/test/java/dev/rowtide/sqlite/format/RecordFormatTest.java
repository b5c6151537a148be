package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {
    @Test
    void everySerialTypeHasItsValue() throws Exception {
        StoredValue[] values = decode("0d 00 01 02 03 04 05 06 07 08 09 0c 0d" + "ff" + "8000" + "ff0001" + "7fffffff"
                + "800000000000" + "8000000000000001" + "8000000000000000");
        assertThat(values)
                .containsExactly(
                        StoredValue.NULL,
                        new StoredValue.Int(-1),
                        new StoredValue.Int(-32768),
                        new StoredValue.Int(-65535),
                        new StoredValue.Int(Integer.MAX_VALUE),
                        new StoredValue.Int(-(1L << 47)),
                        new StoredValue.Int(Long.MIN_VALUE + 1),
                        new StoredValue.Real(-0.0),
                        new StoredValue.Int(0),
                        new StoredValue.Int(1),
                        new StoredValue.Blob(new byte[0]),
                        new StoredValue.Text(new byte[0], TextEncoding.UTF_8));
    }

    @Test
    void aNumberThatIsNoneIsNull() throws Exception {
        assertThat(decode("02 07 7ff8000000000000")).containsExactly(StoredValue.NULL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80",
                "00",
                "05 01",
                "02 01",
                "02 0a",
                "02 0b",
                "02 0e",
                "02 01 00 00",
                "02 80",
                "02 00 00",
                "0a ff ff ff ff ff ff ff ff ff",
                "ff ff ff ff ff ff ff ff ff 01"
            })
    void whatIsNoRecordIsRefused(String hex) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageStartingWith("not a record: ");
    }

    @Test
    void randomBytesAreARecordOrRefused() {
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            try {
                RecordFormat.decode(bytes, TextEncoding.UTF_16LE);
            } catch (DamagedDatabaseException e) {
                // Nothing else may come out; with the message as below.
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "7f, 127",
        "8100, 128",
        "ff7f, 16383",
        "81ffffffffffffff7f, 288230376151711615",
        "ffffffffffffffffff, -1",
        "808080808080808001, 1",
        "80ff7f, 16383"
    })
    void varintsHaveUpToNineBytes(String hex, long value) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        int length = Bytes.varintLength(bytes, 0, bytes.length);
        assertThat(length).isEqualTo(bytes.length);
        assertThat(Bytes.varint(bytes, 0, length)).isEqualTo(value);
        assertThat(Bytes.varintLength(bytes, 0, bytes.length - 1)).isZero();
    }

    private static StoredValue[] decode(String hex) throws DamagedDatabaseException {
        return RecordFormat.decode(HexFormat.of().parseHex(hex.replace(" ", "")), TextEncoding.UTF_8);
    }
}
