package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.feed.StorageClass;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A value as SQLite stores it, as the JSON that SQLite's {@code json_object} has for it; BLOBs, which that refuses, in base64.
 *
 * <p>The form is that of the connector's {@code value.mode=stored}: one byte for the storage class, then an integer in eight bytes, a real as IEEE 754 in eight bytes, both most significant byte first,
 * or the bytes of a text or a BLOB.
 */
final class StoredJson {
    private static final byte INTEGER = 1;
    private static final byte REAL = 2;
    private static final byte TEXT = 3;
    private static final byte BLOB = 4;
    private static final int CLASS_BYTES = 1;
    private static final int NUMBER_BYTES = CLASS_BYTES + Long.BYTES;

    /** How far out SQLite's {@code %!.17g} writes a number without an exponent. */
    private static final int LOWEST_PLAIN = -4;

    private static final int HIGHEST_PLAIN = 16;
    /** A double has at most 17 significant digits. */
    private static final int MAX_DIGITS = 17;

    private static final int SURE_DIGITS = 15;

    private StoredJson() {}

    /**
     * Writes a value that is not NULL.
     *
     * @throws IllegalStateException if it does not have the form
     */
    static String of(byte[] stored, Numbers numbers) {
        byte storageClass = stored.length == 0 ? 0 : stored[0];
        return switch (storageClass) {
            case INTEGER -> integer(number(stored), numbers);
            case REAL -> real(Double.longBitsToDouble(number(stored)));
            case TEXT -> JsonText.string(text(stored));
            case BLOB -> '"' + base64(stored) + '"';
            default ->
                throw new IllegalStateException("a value of " + stored.length + " bytes with the storage class "
                        + storageClass + ": the connector is of another version");
        };
    }

    /** The class of a value of which {@code json} does not tell it, since it is a string that is no text; null of any other. */
    static @Nullable StorageClass hiddenClass(byte[] stored, String json) {
        if (json.charAt(0) != '"') {
            return null;
        }
        return switch (stored[0]) {
            case INTEGER -> StorageClass.INTEGER;
            case REAL -> StorageClass.REAL;
            case BLOB -> StorageClass.BLOB;
            default -> null;
        };
    }

    /**
     * Writes a value as the JDBC driver reads it, whose class says the storage class.
     *
     * @param value null for NULL
     * @throws IllegalStateException if it is of no class that the driver is known to give
     */
    static String ofRead(@Nullable Object value, Numbers numbers) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Integer || value instanceof Long) {
            return integer(((Number) value).longValue(), numbers);
        }
        if (value instanceof Double number) {
            return real(number);
        }
        if (value instanceof String text) {
            return JsonText.string(text);
        }
        if (value instanceof byte[] bytes) {
            return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
        }
        throw unknown(value);
    }

    /** The same as it stands in the name of a record channel. */
    static String plainRead(Object value) {
        if (value instanceof String text) {
            return text;
        }
        String json = ofRead(value, Numbers.NUMBER);
        return json.charAt(0) == '"' ? json.substring(1, json.length() - 1) : json;
    }

    private static IllegalStateException unknown(Object value) {
        return new IllegalStateException(
                "the driver gives a " + value.getClass().getName() + ", which is not known");
    }

    private static String integer(long number, Numbers numbers) {
        String digits = Long.toString(number);
        return numbers == Numbers.STRING ? '"' + digits + '"' : digits;
    }

    /** A value as it stands in the name of a record channel: without the quotes and escapes that JSON has. */
    static String plain(byte[] stored) {
        byte storageClass = stored.length == 0 ? 0 : stored[0];
        return switch (storageClass) {
            case TEXT -> text(stored);
            case BLOB -> base64(stored);
            default -> {
                String json = of(stored, Numbers.NUMBER);
                yield json.charAt(0) == '"' ? json.substring(1, json.length() - 1) : json;
            }
        };
    }

    private static long number(byte[] stored) {
        if (stored.length != NUMBER_BYTES) {
            throw new IllegalStateException("a number of " + stored.length + " bytes instead of " + NUMBER_BYTES
                    + ": the connector is of another version");
        }
        return ByteBuffer.wrap(stored).getLong(CLASS_BYTES);
    }

    /** What is not UTF-8 becomes U+FFFD, the only thing that JSON can say about it. */
    private static String text(byte[] stored) {
        return new String(stored, CLASS_BYTES, stored.length - CLASS_BYTES, StandardCharsets.UTF_8);
    }

    private static String base64(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored, CLASS_BYTES, stored.length - CLASS_BYTES);
        return new String(Base64.getEncoder().encode(bytes).array(), StandardCharsets.ISO_8859_1);
    }

    /**
     * A real as SQLite writes it, but with no more digits than are needed to read the same number again. Infinities, which JSON does not have, are strings; SQLite stores no NaN.
     */
    static String real(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        }
        if (value == 0) {
            return "0.0"; // SQLite writes no sign before it
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        StringBuilder json = new StringBuilder(MAX_DIGITS + 8);
        if (value < 0) {
            json.append('-');
        }
        if (exponent < LOWEST_PLAIN || exponent > HIGHEST_PLAIN) {
            json.append(digits.charAt(0)).append('.').append(digits.length() == 1 ? "0" : digits.substring(1));
            json.append('e').append(exponent < 0 ? '-' : '+');
            int size = Math.abs(exponent);
            return json.append(size < 10 ? "0" : "").append(size).toString();
        }
        String plain = shortest.toPlainString();
        return json.append(plain).append(plain.indexOf('.') < 0 ? ".0" : "").toString();
    }

    /** Java 17's own text may have a digit too many; with 15 digits or fewer a decimal is the only one of its length that reads as its double. */
    private static BigDecimal shortest(double value) {
        BigDecimal javas = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (javas.precision() > SURE_DIGITS) {
            BigDecimal exact = new BigDecimal(value);
            for (int precision = SURE_DIGITS; precision < javas.precision(); precision++) {
                BigDecimal shorter = exact.round(new MathContext(precision)).stripTrailingZeros();
                if (shorter.doubleValue() == value) {
                    return shorter;
                }
            }
        }
        return javas;
    }
}
