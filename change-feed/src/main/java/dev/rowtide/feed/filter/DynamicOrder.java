package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.StorageClass;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's order of values of any class ("Datatypes In SQLite", section 4): numbers before texts before BLOBs, integers and reals by what they are worth. The conversion by affinity, which comes first
 * there, {@link Coercion} has done.
 *
 * <p>A value is a Long, a Double, a String or a {@link Blob}.
 */
final class DynamicOrder extends ValueOrder<Object> {
    private static final int NUMBERS = 0;
    private static final int TEXTS = 1;
    private static final int BLOBS = 2;
    /** 2^63, the first double that is no long any more. */
    private static final double BEYOND_LONG = 9223372036854775808.0;

    private final Dynamic type;

    DynamicOrder(Dynamic type) {
        this.type = type;
    }

    /** @param base64 padded, which is the one form that a BLOB has in a row */
    private record Blob(String base64) {
        byte[] bytes() {
            return Base64.getDecoder().decode(base64);
        }
    }

    /** The key of a text: never equal to that of anything else. */
    private record TextKey(String text) {}

    @Override
    Object constant(FilterValue.Literal literal) {
        if (literal instanceof FilterValue.Number number) {
            return number.stored();
        }
        String text = ((FilterValue.Text) literal).value();
        return switch (type.affinity()) {
            case BLOB -> new Blob(text);
            case REAL -> Double.valueOf(text); // an infinity, the only text that is a real
            case INTEGER, NUMERIC, TEXT, NONE -> text;
        };
    }

    @Override
    int compare(Row row, int column, String json, Object constant) {
        Object value = value(row.storageClass(column), json);
        int order = Integer.compare(rank(value), rank(constant));
        if (order != 0) {
            return order;
        }
        if (value instanceof String text) {
            return compareTexts(text, (String) constant);
        }
        if (value instanceof Blob blob) {
            return Arrays.compareUnsigned(blob.bytes(), ((Blob) constant).bytes());
        }
        return compareNumbers((Number) value, (Number) constant);
    }

    @Override
    Object key(Row row, int column, String json) {
        return key(value(row.storageClass(column), json));
    }

    @Override
    Object key(Object value) {
        if (value instanceof String text) {
            return new TextKey(
                    switch (type.collation()) {
                        case BINARY, BINARY_UTF16LE, BINARY_UTF16BE -> text;
                        case NOCASE -> CodePoints.noCaseKey(text);
                        case RTRIM -> CodePoints.trimmed(text);
                    });
        }
        if (value instanceof Double real && real >= -BEYOND_LONG && real < BEYOND_LONG && real == Math.rint(real)) {
            return real.longValue();
        }
        return value;
    }

    private static Object value(@Nullable StorageClass storageClass, String json) {
        if (storageClass == null) {
            if (JsonScalar.isString(json)) {
                return JsonScalar.decode(json);
            }
            return isReal(json) ? (Object) Double.valueOf(json) : (Object) Long.valueOf(json);
        }
        String text = JsonScalar.decode(json);
        return switch (storageClass) {
            case INTEGER -> Long.valueOf(text);
            case REAL -> Double.valueOf(text);
            case TEXT -> text;
            case BLOB -> new Blob(text);
        };
    }

    private static boolean isReal(String json) {
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') {
                return true;
            }
        }
        return false;
    }

    private static int rank(Object value) {
        return value instanceof Number ? NUMBERS : value instanceof String ? TEXTS : BLOBS;
    }

    private int compareTexts(String left, String right) {
        return switch (type.collation()) {
            case BINARY -> CodePoints.compare(left, right);
            case BINARY_UTF16LE -> CodePoints.compareUtf16le(left, right);
            case BINARY_UTF16BE -> left.compareTo(right);
            case NOCASE -> CodePoints.compareNoCase(left, right);
            case RTRIM -> CodePoints.compare(CodePoints.trimmed(left), CodePoints.trimmed(right));
        };
    }

    private static int compareNumbers(Number left, Number right) {
        if (left instanceof Long a) {
            return right instanceof Long b ? Long.compare(a, b) : compare(a, right.doubleValue());
        }
        if (right instanceof Long b) {
            return -compare(b, left.doubleValue());
        }
        // Adding zero makes 0 of -0.
        return Double.compare(left.doubleValue() + 0.0, right.doubleValue() + 0.0);
    }

    /** A long with a double that is not NaN, which SQLite does not store: neither can be made the other without loss. */
    private static int compare(long integer, double real) {
        if (real >= BEYOND_LONG) {
            return -1;
        }
        if (real < -BEYOND_LONG) {
            return 1;
        }
        long whole = (long) real;
        return integer != whole ? Long.compare(integer, whole) : Double.compare(whole, real + 0.0);
    }
}
