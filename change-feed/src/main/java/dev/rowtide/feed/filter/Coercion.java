package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.filter.FilterValue.Bool;
import dev.rowtide.feed.filter.FilterValue.Literal;
import dev.rowtide.feed.filter.FilterValue.Number;
import dev.rowtide.feed.filter.FilterValue.Text;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * From what a filter says to a value that a column can have, each in one form: JSON has neither dates nor numbers that every client writes with all digits.
 *
 * <p>Strict where a database would guess: what it accepts means the same to PostgreSQL and SQLite, whatever their settings.
 */
final class Coercion {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    /** What SQLite's NUMERIC affinity takes for a number. */
    private static final Pattern SQLITE_NUMBER =
            Pattern.compile("[\\t-\\r ]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[\\t-\\r ]*");

    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern BYTES = Pattern.compile("\\\\x([0-9a-fA-F]{2})*");
    private static final String INFINITY = "Infinity";
    private static final Set<String> INFINITIES = Set.of(INFINITY, "-Infinity");
    private static final Set<String> NO_FINITE_NUMBERS = Set.of(INFINITY, "-Infinity", "NaN");
    private static final int MAX_SHOWN = 40;

    private Coercion() {}

    /**
     * @return {@code value} in the form for the type
     * @throws InvalidFilterException if no value of the type says that
     */
    static Literal fit(String column, ColumnType type, Literal value) throws InvalidFilterException {
        try {
            if (type instanceof Typed typed) {
                return typed(typed, value);
            } else if (type instanceof Dynamic dynamic) {
                return dynamic(dynamic.affinity(), value);
            }
            throw new IllegalArgumentException(((Opaque) type).name() + " cannot be compared");
        } catch (IllegalArgumentException e) {
            throw new InvalidFilterException("column \"" + column + "\" is " + type.description() + ", which "
                    + shown(value) + " is not: " + e.getMessage());
        }
    }

    private static Literal typed(Typed type, Literal value) {
        return switch (type) {
            case BOOLEAN -> {
                if (value instanceof Bool) {
                    yield value;
                }
                throw new IllegalArgumentException("write true or false");
            }
            case EXACT_NUMBER -> number(value, NO_FINITE_NUMBERS);
            case FLOAT4 -> {
                Literal number = number(value, NO_FINITE_NUMBERS);
                if (number instanceof Number n) {
                    requireRange(n, Float.parseFloat(n.value().toString()));
                }
                yield number;
            }
            case FLOAT8 -> {
                Literal number = number(value, NO_FINITE_NUMBERS);
                if (number instanceof Number n) {
                    requireRange(n, n.value().doubleValue());
                }
                yield number;
            }
            case TEXT, PADDED_TEXT, ENUM -> {
                Text text = text(value, "write a string");
                if (text.value().indexOf('\0') >= 0) {
                    throw new IllegalArgumentException("PostgreSQL's texts never contain U+0000");
                }
                yield text;
            }
            case UUID -> {
                Text text = text(value, "write a string such as \"6f1c1c1e-8b1f-4c7a-9a52-0c7d1f4b3e2a\"");
                require(UUID, text, "write it as \"6f1c1c1e-8b1f-4c7a-9a52-0c7d1f4b3e2a\"");
                yield new Text(text.value().toLowerCase(Locale.ROOT));
            }
            case BYTES -> {
                Text text = text(value, "write a string such as \"\\\\x01ff\"");
                require(BYTES, text, "write \\x and two hexadecimal digits for each byte");
                yield new Text(text.value().toLowerCase(Locale.ROOT));
            }
            case DATE -> moment(value, Moment.Form.DATE, "2024-02-29");
            case TIMESTAMP -> moment(value, Moment.Form.TIMESTAMP, "2024-02-29T12:30:00");
            case TIMESTAMP_WITH_ZONE -> moment(value, Moment.Form.TIMESTAMP_WITH_ZONE, "2024-02-29T12:30:00Z");
            case TIME -> moment(value, Moment.Form.TIME, "12:30:00");
        };
    }

    private static Literal dynamic(Affinity affinity, Literal value) {
        return switch (affinity) {
            case INTEGER -> storedNumber(value, Set.of());
            case REAL -> storedNumber(value, INFINITIES);
            case NUMERIC -> value instanceof Text text && !isSqliteNumber(text) ? value : storedNumber(value, Set.of());
            case TEXT -> text(value, "write a string");
            case BLOB -> {
                Text text = text(value, "write a string with its bytes in base64");
                try {
                    byte[] bytes = Base64.getDecoder().decode(text.value());
                    yield new Text(Base64.getEncoder().encodeToString(bytes));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("write its bytes in base64", e);
                }
            }
            case NONE -> value instanceof Text ? value : storedNumber(value, Set.of());
        };
    }

    private static boolean isSqliteNumber(Text text) {
        return SQLITE_NUMBER.matcher(text.value()).matches();
    }

    /** SQLite's true is 1. */
    private static Literal storedNumber(Literal value, Set<String> words) {
        if (value instanceof Bool bool) {
            return new Number(bool.value() ? 1 : 0);
        }
        Literal number = value instanceof Text text && isSqliteNumber(text)
                ? parsed(text.value().strip())
                : number(value, words);
        if (number instanceof Number n && Double.isInfinite(n.value().doubleValue())) {
            throw new IllegalArgumentException("SQLite's numbers end at 1.8e308");
        }
        return number;
    }

    private static Literal number(Literal value, Set<String> words) {
        if (value instanceof Number) {
            return value;
        }
        if (value instanceof Text text) {
            if (words.contains(text.value())) {
                return text;
            }
            if (NUMBER.matcher(text.value()).matches()) {
                return parsed(text.value());
            }
        }
        throw new IllegalArgumentException("write a number, or one in a string");
    }

    private static Number parsed(String digits) {
        try {
            return new Number(new BigDecimal(digits));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("its exponent is too large", e);
        }
    }

    private static void requireRange(Number number, double rounded) {
        if (Double.isInfinite(rounded) || (rounded == 0 && number.value().signum() != 0)) {
            throw new IllegalArgumentException("it is outside of that type's range");
        }
    }

    private static Text text(Literal value, String otherwise) {
        if (value instanceof Text text) {
            return text;
        }
        throw new IllegalArgumentException(otherwise);
    }

    private static void require(Pattern pattern, Text text, String otherwise) {
        if (!pattern.matcher(text.value()).matches()) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static Text moment(Literal value, Moment.Form form, String example) {
        Text text = text(value, "write a string such as \"" + example + '"');
        try {
            Moment.parse(text.value(), 0, text.value().length(), form);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; an example is \"" + example + '"', e);
        }
        return text;
    }

    private static String shown(Literal value) {
        String text = value.text();
        if (text.length() <= MAX_SHOWN) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_SHOWN - 1)) ? MAX_SHOWN - 1 : MAX_SHOWN;
        return text.substring(0, end) + '…';
    }
}
