package dev.rowtide.feed.filter;

import java.math.BigDecimal;

/**
 * A value of an exact number column that others are compared with: PostgreSQL's order, in which NaN equals itself and comes behind Infinity.
 *
 * <p>The others stay text: a numeric may have 147,000 digits, and nearly all are integers that fit into a long.
 */
final class Decimal {
    /** As many digits fit into a long whatever they are. */
    private static final int LONG_DIGITS = 18;

    private static final int MINUS_INFINITY = -1;
    private static final int FINITE = 0;
    private static final int INFINITY = 1;
    private static final int NAN = 2;

    private final int rank;
    private final BigDecimal value;
    private final boolean isLong;
    private final long longValue;
    private final String digits;
    private final int point;

    private Decimal(int rank, BigDecimal value) {
        this.rank = rank;
        this.value = value;
        isLong = rank == FINITE && value.scale() <= 0 && value.precision() - value.scale() <= LONG_DIGITS;
        longValue = isLong ? value.longValueExact() : 0;
        digits = value.abs().toPlainString();
        point = point(digits, 0, digits.length());
    }

    /** @param literal a number, or the text NaN, Infinity or -Infinity */
    static Decimal of(FilterValue.Literal literal) {
        return literal instanceof FilterValue.Number number
                ? new Decimal(FINITE, number.value())
                : new Decimal(rank(((FilterValue.Text) literal).value(), 0), BigDecimal.ZERO);
    }

    /** How the number in {@code text[from, to)} is to this one. */
    int comparedToThis(String text, int from, int to) {
        if (isLong && isShortInteger(text, from, to)) {
            return Long.compare(Long.parseLong(text, from, to, 10), longValue);
        }
        int otherRank = rank(text, from);
        if (rank != FINITE || otherRank != FINITE) {
            return Integer.compare(otherRank, rank);
        }
        if (hasExponent(text, from, to)) {
            return new BigDecimal(text.substring(from, to)).compareTo(value);
        }
        boolean negative = text.charAt(from) == '-';
        int otherSign = isZero(text, from, to) ? 0 : negative ? -1 : 1;
        if (otherSign != value.signum() || otherSign == 0) {
            return Integer.compare(otherSign, value.signum());
        }
        return otherSign * compareMagnitude(text, negative ? from + 1 : from, to);
    }

    /** Equal numbers have equal keys. */
    Object key() {
        return rank == FINITE
                ? key(value.toPlainString(), 0, value.toPlainString().length())
                : rank;
    }

    static Object key(String text, int from, int to) {
        if (isShortInteger(text, from, to)) {
            return Long.parseLong(text, from, to, 10);
        }
        int rank = rank(text, from);
        if (rank != FINITE) {
            return rank;
        }
        BigDecimal number = new BigDecimal(text.substring(from, to));
        if (number.signum() == 0) {
            return 0L;
        }
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() <= 0 && stripped.precision() - stripped.scale() <= LONG_DIGITS
                ? (Object) stripped.longValueExact()
                : stripped;
    }

    private int compareMagnitude(String text, int from, int to) {
        int otherPoint = point(text, from, to);
        int start = from;
        while (start < otherPoint && text.charAt(start) == '0') {
            start++;
        }
        // Its own text has one zero before the point if it is below 1.
        int ownStart = digits.charAt(0) == '0' ? 1 : 0;
        if (otherPoint - start != point - ownStart) {
            return Integer.compare(otherPoint - start, point - ownStart);
        }
        for (int i = 0; i < otherPoint - start; i++) {
            int order = text.charAt(start + i) - digits.charAt(ownStart + i);
            if (order != 0) {
                return order < 0 ? -1 : 1;
            }
        }
        int longest = Math.max(to - otherPoint, digits.length() - point);
        for (int i = 1; i < longest; i++) {
            int order = digit(text, otherPoint + i, to) - digit(digits, point + i, digits.length());
            if (order != 0) {
                return order < 0 ? -1 : 1;
            }
        }
        return 0;
    }

    private static int digit(String text, int at, int to) {
        return at < to ? text.charAt(at) : '0';
    }

    private static int point(String text, int from, int to) {
        int point = text.indexOf('.', from);
        return point < 0 || point > to ? to : point;
    }

    private static boolean isShortInteger(String text, int from, int to) {
        int start = from < to && text.charAt(from) == '-' ? from + 1 : from;
        if (start == to || to - start > LONG_DIGITS) {
            return false;
        }
        for (int i = start; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static boolean hasExponent(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) == 'e' || text.charAt(i) == 'E') {
                return true;
            }
        }
        return false;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) >= '1' && text.charAt(i) <= '9') {
                return false;
            }
        }
        return true;
    }

    private static int rank(String text, int from) {
        return switch (text.charAt(from)) {
            case 'N' -> NAN;
            case 'I' -> INFINITY;
            case '-' -> text.startsWith("I", from + 1) ? MINUS_INFINITY : FINITE;
            default -> FINITE;
        };
    }
}
