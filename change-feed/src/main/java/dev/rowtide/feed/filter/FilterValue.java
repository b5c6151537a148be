package dev.rowtide.feed.filter;

import java.math.BigDecimal;

/** What a column is compared with. */
public sealed interface FilterValue {

    /** The value as canonical JSON: equal values have equal texts. */
    String text();

    /** A value that stands in the filter itself. */
    sealed interface Literal extends FilterValue {}

    /** @param value without half surrogate pairs, at most {@link RowFilter#MAX_TEXT} characters */
    record Text(String value) implements Literal {
        /** @throws IllegalArgumentException with a sentence */
        public Text {
            if (value.length() > RowFilter.MAX_TEXT) {
                throw new IllegalArgumentException("a text in a filter has at most " + RowFilter.MAX_TEXT
                        + " characters, this one has " + value.length());
            }
            if (CodePoints.hasHalfPair(value)) {
                throw new IllegalArgumentException("a text in a filter cannot contain half a surrogate pair");
            }
        }

        @Override
        public String text() {
            return JsonScalar.quote(value);
        }
    }

    /** An exact decimal; 1.0 and 1 are the same. */
    record Number(BigDecimal value) implements Literal {
        private static final int MAX_DIGITS = 1_000;
        private static final int MAX_LONG_DIGITS = 19;

        /** @throws IllegalArgumentException with a sentence */
        public Number {
            // The size first: what 1e1000000000 stands for does not fit into memory.
            long before = (long) value.precision() - value.scale();
            if (value.signum() != 0
                    && (before > MAX_DIGITS || value.scale() > MAX_DIGITS || value.precision() > MAX_DIGITS)) {
                throw new IllegalArgumentException(
                        "a number in a filter has at most " + MAX_DIGITS + " digits before the point and behind it");
            }
            value = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        }

        public Number(long value) {
            this(BigDecimal.valueOf(value));
        }

        /** The value as SQLite has it: a Long if it is an integer of 64 bits, else the nearest Double. */
        public java.lang.Number stored() {
            boolean integer = value.scale() <= 0 && value.precision() - value.scale() <= MAX_LONG_DIGITS;
            if (integer && value.toBigInteger().bitLength() < Long.SIZE) {
                return value.longValue();
            }
            return value.doubleValue();
        }

        @Override
        public String text() {
            return value.toString();
        }
    }

    record Bool(boolean value) implements Literal {
        @Override
        public String text() {
            return Boolean.toString(value);
        }
    }

    /**
     * An attribute of the user, of which {@link RowFilter#bind} makes a value.
     *
     * @param name {@code id}, {@code roles} or the name of a claim
     */
    record Attribute(String name) implements FilterValue {
        @Override
        public String text() {
            return "{\"$user\":" + JsonScalar.quote(name) + '}';
        }
    }

    /**
     * What an attribute was replaced with. Unlike a literal that stands in the filter it may be of a type that the column does not have (a guest's name, where the column has numbers): then the comparison
     * is unknown.
     */
    record Bound(Literal value) implements FilterValue {
        @Override
        public String text() {
            return value.text();
        }
    }

    /** What became of an attribute that the user does not have: SQL's NULL, and every comparison with it is unknown. */
    record Unknown() implements FilterValue {
        @Override
        public String text() {
            return "null";
        }
    }
}
