package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class StoredFormTest {

    @Test
    void nullHasNoBytes() {
        assertThat(StoredForm.of(StoredValue.NULL)).isNull();
    }

    @Test
    void numbersAreEightBytesBigEndianBehindTheirClass() {
        assertThat(StoredForm.of(new StoredValue.Int(-2))).containsExactly(1, -1, -1, -1, -1, -1, -1, -1, -2);
        assertThat(StoredForm.of(new StoredValue.Real(1.5))).containsExactly(2, 0x3f, -8, 0, 0, 0, 0, 0, 0);
        assertThat(StoredForm.of(new StoredValue.Real(-0.0))).containsExactly(2, -128, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void textsAndBlobsAreTheirBytesAsStoredValidOrNot() {
        byte[] broken = {'a', 0, (byte) 0xff};
        assertThat(StoredForm.of(new StoredValue.Text(broken, TextEncoding.UTF_8)))
                .containsExactly(3, 'a', 0, -1);
        assertThat(StoredForm.of(new StoredValue.Blob(broken))).containsExactly(4, 'a', 0, -1);
        assertThat(StoredForm.of(new StoredValue.Blob(new byte[0]))).containsExactly(4);
    }

    @Test
    void aTextOfAUtf16DatabaseBecomesUtf8() {
        byte[] stored = "ß😀".getBytes(StandardCharsets.UTF_16LE);
        byte[] form = StoredForm.of(new StoredValue.Text(stored, TextEncoding.UTF_16LE));
        assertThat(form).startsWith(3);
        assertThat(new String(form, 1, form.length - 1, StandardCharsets.UTF_8)).isEqualTo("ß😀");
    }
}
