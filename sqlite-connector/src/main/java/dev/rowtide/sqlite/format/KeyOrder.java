package dev.rowtide.sqlite.format;

import java.util.Arrays;
import java.util.List;

/**
 * How SQLite orders the keys of an index, and which it takes for equal ("Datatypes In SQLite", sections 4.1 and 7): NULL, numbers by value, texts by collating
 * sequence, blobs by bytes. Immutable.
 *
 * <p>A collating sequence of the users' programs is not known here. Nor is it that a program has put another one in place of NOCASE or RTRIM; entries that are found out
 * of order are the sign of that.
 */
public final class KeyOrder {
    /** Schemas before this format have DESC in their statements, and ascending indexes in their pages. */
    private static final int DESCENDING_SCHEMA_FORMAT = 4;

    /**
     * One value of a key.
     *
     * @param collation its collating sequence, upper case
     * @param descending whether it is declared DESC
     */
    public record Part(String collation, boolean descending) {}

    private enum Collation {
        BINARY,
        NOCASE,
        RTRIM,
        UNKNOWN;

        static Collation of(String name) {
            return switch (name) {
                case "BINARY" -> BINARY;
                case "NOCASE" -> NOCASE;
                case "RTRIM" -> RTRIM;
                default -> UNKNOWN;
            };
        }
    }

    private final Collation[] collations;
    private final boolean[] descending;

    /**
     * @param parts for each value of a key, from the first
     * @param schemaFormat of {@link DatabaseHeader}
     */
    public KeyOrder(List<Part> parts, int schemaFormat) {
        collations = new Collation[parts.size()];
        descending = new boolean[parts.size()];
        for (int i = 0; i < collations.length; i++) {
            collations[i] = Collation.of(parts.get(i).collation());
            descending[i] = parts.get(i).descending() && schemaFormat >= DESCENDING_SCHEMA_FORMAT;
        }
    }

    /** How many values a key has. */
    public int size() {
        return collations.length;
    }

    /** Whether {@link #compare} knows the order. If not, entries can only be paired by their bytes. */
    public boolean comparable() {
        return !Arrays.asList(collations).contains(Collation.UNKNOWN);
    }

    /**
     * Compares the first {@link #size} values of two records; a missing one counts as NULL.
     *
     * @throws IllegalStateException if it is not {@link #comparable}
     */
    public int compare(StoredValue[] left, StoredValue[] right) {
        for (int i = 0; i < collations.length; i++) {
            int order = compare(valueAt(left, i), valueAt(right, i), collations[i]);
            if (order != 0) {
                return descending[i] ? -order : order;
            }
        }
        return 0;
    }

    private static StoredValue valueAt(StoredValue[] key, int index) {
        return index < key.length ? key[index] : StoredValue.NULL;
    }

    private static int compare(StoredValue left, StoredValue right, Collation collation) {
        int byClass = Integer.compare(rank(left), rank(right));
        if (byClass != 0) {
            return byClass;
        }
        if (left instanceof StoredValue.Text leftText && right instanceof StoredValue.Text rightText) {
            return compare(leftText, rightText, collation);
        }
        if (left instanceof StoredValue.Blob leftBlob && right instanceof StoredValue.Blob rightBlob) {
            return Arrays.compareUnsigned(leftBlob.bytes(), rightBlob.bytes());
        }
        return compareNumbers(left, right);
    }

    private static int rank(StoredValue value) {
        if (value instanceof StoredValue.Int || value instanceof StoredValue.Real) {
            return 1;
        } else if (value instanceof StoredValue.Text) {
            return 2;
        } else if (value instanceof StoredValue.Blob) {
            return 3;
        }
        return 0;
    }

    private static int compareNumbers(StoredValue left, StoredValue right) {
        if (left instanceof StoredValue.Int leftInt) {
            if (right instanceof StoredValue.Int rightInt) {
                return Long.compare(leftInt.value(), rightInt.value());
            }
            return right instanceof StoredValue.Real rightReal ? compare(leftInt.value(), rightReal.value()) : 0;
        }
        if (left instanceof StoredValue.Real leftReal) {
            if (right instanceof StoredValue.Int rightInt) {
                return -compare(rightInt.value(), leftReal.value());
            }
            return right instanceof StoredValue.Real rightReal ? compare(leftReal.value(), rightReal.value()) : 0;
        }
        return 0;
    }

    /** Not Double.compare: -0.0 and 0.0 are equal. */
    private static int compare(double left, double right) {
        return left < right ? -1 : left > right ? 1 : 0;
    }

    /** Exact also beyond 2^53, where several integers have one double. */
    private static int compare(long left, double right) {
        if (right < -0x1p63) {
            return 1;
        }
        if (right >= 0x1p63) {
            return -1;
        }
        long whole = (long) right;
        // If the whole parts are equal and there is a fraction, both are small enough to be exact as doubles.
        return left != whole ? Long.compare(left, whole) : compare((double) left, right);
    }

    private static int compare(StoredValue.Text left, StoredValue.Text right, Collation collation) {
        return switch (collation) {
            // As stored: SQLite compares UTF-16 without converting it, so little-endian text is not in the order of its
            // characters.
            case BINARY -> Arrays.compareUnsigned(left.bytes(), right.bytes());
            case NOCASE -> compareIgnoringCase(utf8(left), utf8(right));
            case RTRIM -> {
                byte[] leftBytes = utf8(left);
                byte[] rightBytes = utf8(right);
                yield Arrays.compareUnsigned(leftBytes, 0, trimmed(leftBytes), rightBytes, 0, trimmed(rightBytes));
            }
            case UNKNOWN -> throw new IllegalStateException("the order of a collating sequence is not known");
        };
    }

    /** Up to a NUL that both have at the same place: behind it only the lengths count. */
    private static int compareIgnoringCase(byte[] left, byte[] right) {
        int shorter = Math.min(left.length, right.length);
        for (int i = 0; i < shorter; i++) {
            int order = lower(left[i]) - lower(right[i]);
            if (order != 0) {
                return order;
            }
            if (left[i] == 0) {
                break;
            }
        }
        return Integer.compare(left.length, right.length);
    }

    private static int trimmed(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == ' ') {
            length--;
        }
        return length;
    }

    private static int lower(byte character) {
        return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character & 0xff;
    }

    private static byte[] utf8(StoredValue.Text text) {
        return text.encoding().toUtf8(text.bytes());
    }
}
