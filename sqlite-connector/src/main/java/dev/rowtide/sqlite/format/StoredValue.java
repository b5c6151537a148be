package dev.rowtide.sqlite.format;

import java.util.Arrays;

/**
 * A value as it stands in a record: one of SQLite's five storage classes. What the column's declared type makes of it is not known here.
 *
 * <p>Equality is that of what is stored: the integer 5 and the real 5.0 differ, and texts are compared as bytes.
 */
public sealed interface StoredValue {
    /** SQL's NULL. */
    StoredValue NULL = new Null();

    record Null() implements StoredValue {}

    record Int(long value) implements StoredValue {}

    /** Compared by bits, so that -0.0 and 0.0 differ. */
    record Real(double value) implements StoredValue {}

    /**
     * Text, as bytes in the database's encoding. Neither need the bytes be valid, nor free of NUL.
     *
     * @param bytes as stored; never modified
     */
    record Text(byte[] bytes, TextEncoding encoding) implements StoredValue {
        @Override
        public boolean equals(Object other) {
            return other instanceof Text text && encoding == text.encoding && Arrays.equals(bytes, text.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** @param bytes as stored; never modified */
    record Blob(byte[] bytes) implements StoredValue {
        @Override
        public boolean equals(Object other) {
            return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }
}
