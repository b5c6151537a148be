package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.StoredValue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A value as bytes, nothing lost: a byte for the storage class, then the value. What {@code value.mode=stored} puts into records.
 *
 * <ul>
 *   <li>1, an integer: 8 bytes, big-endian;
 *   <li>2, a real: 8 bytes, IEEE 754, big-endian;
 *   <li>3, a text: UTF-8 as stored, valid or not. texts of a UTF-16 database are converted as SQLite does it;
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
            return tagged(TEXT, text.encoding().toUtf8(text.bytes()));
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
}
