package dev.rowtide.feed.filter;

import dev.rowtide.feed.Row;

/** The orders of PostgreSQL's types. */
final class ScalarOrders {
    static final ValueOrder<Boolean> BOOLEAN = new ValueOrder<>() {
        @Override
        Boolean constant(FilterValue.Literal literal) {
            return ((FilterValue.Bool) literal).value();
        }

        @Override
        int compare(Row row, int column, String json, Boolean constant) {
            return Boolean.compare(json.equals("true"), constant);
        }

        @Override
        Object key(Row row, int column, String json) {
            return json.equals("true");
        }

        @Override
        Object key(Boolean constant) {
            return constant;
        }
    };

    static final ValueOrder<Decimal> EXACT_NUMBER = new ValueOrder<>() {
        @Override
        Decimal constant(FilterValue.Literal literal) {
            return Decimal.of(literal);
        }

        @Override
        int compare(Row row, int column, String json, Decimal constant) {
            return constant.comparedToThis(json, JsonScalar.start(json), JsonScalar.end(json));
        }

        @Override
        Object key(Row row, int column, String json) {
            return Decimal.key(json, JsonScalar.start(json), JsonScalar.end(json));
        }

        @Override
        Object key(Decimal constant) {
            return constant.key();
        }
    };

    static final ValueOrder<Double> FLOAT8 = new FloatOrder(false);
    static final ValueOrder<Double> FLOAT4 = new FloatOrder(true);
    static final ValueOrder<String> TEXT = new TextOrder(false);
    static final ValueOrder<String> PADDED_TEXT = new TextOrder(true);
    static final ValueOrder<Long> DATE = new MomentOrder(Moment.Form.DATE);
    static final ValueOrder<Long> TIMESTAMP = new MomentOrder(Moment.Form.TIMESTAMP);
    static final ValueOrder<Long> TIMESTAMP_WITH_ZONE = new MomentOrder(Moment.Form.TIMESTAMP_WITH_ZONE);
    static final ValueOrder<Long> TIME = new MomentOrder(Moment.Form.TIME);

    private ScalarOrders() {}

    /** Binary numbers: NaN equals itself and comes last, -0 is 0. */
    private static final class FloatOrder extends ValueOrder<Double> {
        /** Whether they have 32 bits: both sides are rounded to that first. */
        private final boolean single;

        FloatOrder(boolean single) {
            this.single = single;
        }

        @Override
        Double constant(FilterValue.Literal literal) {
            return parse(
                    literal instanceof FilterValue.Number number
                            ? number.value().toString()
                            : ((FilterValue.Text) literal).value());
        }

        private double parse(String text) {
            // Adding zero makes 0 of -0.
            return (single ? Float.parseFloat(text) : Double.parseDouble(text)) + 0.0;
        }

        private double value(String json) {
            return parse(json.substring(JsonScalar.start(json), JsonScalar.end(json)));
        }

        @Override
        int compare(Row row, int column, String json, Double constant) {
            return Double.compare(value(json), constant);
        }

        @Override
        Object key(Row row, int column, String json) {
            return value(json);
        }

        @Override
        Object key(Double constant) {
            return constant;
        }
    }

    /** Texts by code points. */
    private static final class TextOrder extends ValueOrder<String> {
        /** Whether blanks at the end do not count. */
        private final boolean padded;

        TextOrder(boolean padded) {
            this.padded = padded;
        }

        @Override
        String constant(FilterValue.Literal literal) {
            return key(((FilterValue.Text) literal).value());
        }

        @Override
        int compare(Row row, int column, String json, String constant) {
            return CodePoints.compare(key(row, column, json), constant);
        }

        @Override
        boolean equal(Row row, int column, String json, String constant) {
            return padded ? key(row, column, json).equals(constant) : JsonScalar.says(json, constant);
        }

        @Override
        String key(Row row, int column, String json) {
            return key(JsonScalar.decode(json));
        }

        @Override
        String key(String text) {
            return padded ? CodePoints.trimmed(text) : text;
        }
    }

    /** Dates and times, in days or microseconds. */
    private static final class MomentOrder extends ValueOrder<Long> {
        private final Moment.Form form;

        MomentOrder(Moment.Form form) {
            this.form = form;
        }

        @Override
        Long constant(FilterValue.Literal literal) {
            String text = ((FilterValue.Text) literal).value();
            return Moment.parse(text, 0, text.length(), form);
        }

        private long value(String json) {
            return Moment.parse(json, JsonScalar.start(json), JsonScalar.end(json), form);
        }

        @Override
        int compare(Row row, int column, String json, Long constant) {
            return Long.compare(value(json), constant);
        }

        @Override
        Object key(Row row, int column, String json) {
            return value(json);
        }

        @Override
        Object key(Long constant) {
            return constant;
        }
    }
}
