package dev.rowtide.sqlite.fuzz;

import dev.rowtide.sqlite.format.StoredValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A value as one word, exact and the same on both sides: class, then content. Long texts and blobs are told by length and digest. */
final class ValueText {
    static final String NULL = "n";

    /** Bytes up to which text and blobs are spelled out. */
    private static final int SPELLED = 40;

    private ValueText() {}

    static String of(StoredValue value) {
        if (value instanceof StoredValue.Int integer) {
            return integer(integer.value());
        } else if (value instanceof StoredValue.Real real) {
            return real(real.value());
        } else if (value instanceof StoredValue.Text text) {
            return text(text.bytes());
        } else if (value instanceof StoredValue.Blob blob) {
            return blob(blob.bytes());
        }
        return NULL;
    }

    static String integer(long value) {
        return "i" + value;
    }

    static String real(double value) {
        return "r" + Long.toHexString(Double.doubleToRawLongBits(value));
    }

    static String text(byte[] bytes) {
        return "t" + bytes(bytes);
    }

    static String blob(byte[] bytes) {
        return "b" + bytes(bytes);
    }

    private static String bytes(byte[] bytes) {
        if (bytes.length <= SPELLED) {
            return HexFormat.of().formatHex(bytes);
        }
        return "#" + bytes.length + ":" + HexFormat.of().formatHex(md5(bytes)) + ":"
                + HexFormat.of().formatHex(bytes, 0, 8);
    }

    /** Two halves of a row's digest; digests of rows are added, so that their order does not matter. */
    static long[] digest(String row) {
        byte[] hash = md5(row.getBytes(StandardCharsets.UTF_8));
        long high = 0;
        long low = 0;
        for (int i = 0; i < 8; i++) {
            high = high << 8 | (hash[i] & 0xff);
            low = low << 8 | (hash[i + 8] & 0xff);
        }
        return new long[] {high, low};
    }

    private static byte[] md5(byte[] bytes) {
        try {
            return MessageDigest.getInstance("MD5").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
