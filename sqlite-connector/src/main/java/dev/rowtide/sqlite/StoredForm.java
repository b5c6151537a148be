package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value as bytes, nothing lost: a byte for the storage class, then the value. What {@code value.mode=stored} puts into records.
 *
 * <ul>
 *   <li>1, an integer: 8 bytes, big-endian;
 *   <li>2, a real: 8 bytes, IEEE 754, big-endian;
 *   <li>3, a text: UTF-8 as stored, valid or not. Texts of a UTF-16 database are converted; half a surrogate pair becomes three bytes, as SQLite's own conversion has it;
 *   <li>4, a blob: its bytes.
 * </ul>
 *
 * NULL has no bytes: it is null.
 */
final class StoredForm {
    /** The name of the Connect schema. */
    static final String SCHEMA_NAME = "dev.rowtide.sqlite.StoredValue";

    static final int SCHEMA_VERSION = 1;
    static final byte INTEGER = 1;
    static final byte REAL = 2;
    static final byte TEXT = 3;
    static final byte BLOB = 4;

    private StoredForm() {}

    static byte @Nullable [] of(StoredValue value) {
        if (value instanceof StoredValue.Int number) {
            return ByteBuffer.allocate(9).put(INTEGER).putLong(number.value()).array();
        }
        if (value instanceof StoredValue.Real number) {
            return ByteBuffer.allocate(9).put(REAL).putDouble(number.value()).array();
        }
        if (value instanceof StoredValue.Text text) {
            return tagged(TEXT, utf8(text));
        }
        if (value instanceof StoredValue.Blob blob) {
            return tagged(BLOB, blob.bytes());
        }
        return null;
    }

    private static byte[] tagged(byte storageClass, byte[] bytes) {
        byte[] tagged = new byte[1 + bytes.length];
        tagged[0] = storageClass;
        System.arraycopy(bytes, 0, tagged, 1, bytes.length);
        return tagged;
    }

    /** The text in UTF-8. Not a copy if it is stored so. */
    static byte[] utf8(StoredValue.Text text) {
        if (text.encoding() == TextEncoding.UTF_8) {
            return text.bytes();
        }
        byte[] from = text.bytes();
        boolean bigEndian = text.encoding() == TextEncoding.UTF_16BE;
        int units = from.length / 2;
        byte[] to = new byte[Math.multiplyExact(units, 3)];
        int length = 0;
        for (int i = 0; i < units; i++) {
            int code = unit(from, i, bigEndian);
            if (Character.isHighSurrogate((char) code) && i + 1 < units) {
                int next = unit(from, i + 1, bigEndian);
                if (Character.isLowSurrogate((char) next)) {
                    code = Character.toCodePoint((char) code, (char) next);
                    i++;
                }
            }
            length = put(to, length, code);
        }
        return Arrays.copyOf(to, length);
    }

    private static int unit(byte[] bytes, int index, boolean bigEndian) {
        int first = bytes[2 * index] & 0xff;
        int second = bytes[2 * index + 1] & 0xff;
        return bigEndian ? first << 8 | second : second << 8 | first;
    }

    private static int put(byte[] to, int at, int code) {
        int end = at;
        if (code < 0x80) {
            to[end++] = (byte) code;
        } else if (code < 0x800) {
            to[end++] = (byte) (0xc0 | code >> 6);
            to[end++] = (byte) (0x80 | code & 0x3f);
        } else if (code < 0x10000) {
            to[end++] = (byte) (0xe0 | code >> 12);
            to[end++] = (byte) (0x80 | code >> 6 & 0x3f);
            to[end++] = (byte) (0x80 | code & 0x3f);
        } else {
            to[end++] = (byte) (0xf0 | code >> 18);
            to[end++] = (byte) (0x80 | code >> 12 & 0x3f);
            to[end++] = (byte) (0x80 | code >> 6 & 0x3f);
            to[end++] = (byte) (0x80 | code & 0x3f);
        }
        return end;
    }
}
