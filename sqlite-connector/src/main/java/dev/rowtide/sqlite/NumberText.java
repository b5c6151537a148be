package dev.rowtide.sqlite;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The text of a number, laid out as SQLite's {@code CAST(x AS TEXT)} does: {@code 5}, {@code 5.0}, {@code 1.0e-05}, {@code Inf}.
 *
 * <p>Of a real as many digits are given as it takes, 15 to 17, to read the same number back. SQLite's own text has 15 digits up to some version and 17 since, the last one not always exact, so that
 * there is no text that all versions agree on.
 */
final class NumberText {
    private static final int MIN_DIGITS = 15;
    private static final int MAX_DIGITS = 17;
    /** From 1e17 on, and below 1e-4, SQLite writes an exponent. */
    private static final int MAX_PLAIN_EXPONENT = 16;

    private static final int MIN_PLAIN_EXPONENT = -4;

    private NumberText() {}

    static String of(long value) {
        return Long.toString(value);
    }

    static String of(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "Inf" : "-Inf";
        }
        if (value == 0) {
            // SQLite prints no sign here.
            return "0.0";
        }
        BigDecimal decimal = shortest(value).stripTrailingZeros();
        String digits = decimal.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - decimal.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < MIN_PLAIN_EXPONENT || exponent > MAX_PLAIN_EXPONENT) {
            int size = Math.abs(exponent);
            String mantissa = digits.charAt(0) + "." + (digits.length() > 1 ? digits.substring(1) : "0");
            return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
        }
        String plain = decimal.abs().toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = MIN_DIGITS; digits < MAX_DIGITS; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits));
            if (rounded.doubleValue() == value) {
                return rounded;
            }
        }
        return exact.round(new MathContext(MAX_DIGITS));
    }
}
