package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key as bytes that are equal if, and only if, the stored values are; compared without sign they give an order that needs no collation: numbers before texts before blobs, integers before reals.
 *
 * <p>Collations are left out on purpose: consumers compare keys as they receive them, and to them a key that changed its case is another one.
 */
final class CanonicalKey {
    private CanonicalKey() {}

    /** @return null if one of the values is NULL, which equals nothing */
    static byte @Nullable [] of(StoredValue[] row, List<Integer> columns) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        for (int column : columns) {
            StoredValue value = row[column];
            if (value instanceof StoredValue.Int number) {
                key.write(1);
                number(key, number.value() ^ Long.MIN_VALUE);
            } else if (value instanceof StoredValue.Real number) {
                long bits = Double.doubleToRawLongBits(number.value());
                key.write(2);
                number(key, bits ^ (bits < 0 ? -1 : Long.MIN_VALUE));
            } else if (value instanceof StoredValue.Text text) {
                key.write(3 + text.encoding().ordinal());
                bytes(key, text.bytes());
            } else if (value instanceof StoredValue.Blob blob) {
                key.write(10);
                bytes(key, blob.bytes());
            } else {
                return null;
            }
        }
        return key.toByteArray();
    }

    private static void number(ByteArrayOutputStream key, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            key.write((int) (value >>> shift));
        }
    }

    /** Ends in 0 0; a 0 within is followed by 255. So no value is the beginning of another one. */
    private static void bytes(ByteArrayOutputStream key, byte[] value) {
        for (byte b : value) {
            key.write(b);
            if (b == 0) {
                key.write(0xFF);
            }
        }
        key.write(0);
        key.write(0);
    }
}
