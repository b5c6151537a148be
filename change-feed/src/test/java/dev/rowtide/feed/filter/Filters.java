package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import dev.rowtide.feed.filter.FilterValue.Bool;
import dev.rowtide.feed.filter.FilterValue.Literal;
import dev.rowtide.feed.filter.FilterValue.Number;
import dev.rowtide.feed.filter.FilterValue.Text;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Short ways to write filters and rows of one column, {@code c}. */
final class Filters {
    private Filters() {}

    /** A String, Boolean, Long, Integer, Double or BigDecimal. */
    static Literal value(Object value) {
        if (value instanceof String text) {
            return new Text(text);
        } else if (value instanceof Boolean bool) {
            return new Bool(bool);
        }
        return new Number(new BigDecimal(value.toString()));
    }

    static RowFilter c(Operator operator, Object value) {
        return RowFilter.compare("c", operator, value(value));
    }

    static RowFilter in(Object... values) {
        return RowFilter.in(
                "c", Stream.of(values).<FilterValue>map(Filters::value).toList());
    }

    static RowShape shape(ColumnType type) {
        return new RowShape(List.of("c"), List.of(type));
    }

    static Truth evaluate(RowFilter filter, ColumnType type, String json) {
        return evaluate(filter, type, json, null);
    }

    static Truth evaluate(RowFilter filter, ColumnType type, String json, StorageClass storageClass) {
        RowShape shape = shape(type);
        try {
            return RowPredicate.of(filter, shape)
                    .evaluate(new Row(shape, new String[] {json}, new StorageClass[] {storageClass}));
        } catch (InvalidFilterException e) {
            throw new AssertionError(e);
        }
    }

    /** The signs of comparing values of ascending JSONs with a constant: {@code <}, {@code =} and {@code >}, found with each operator and held against the others. */
    static String order(ColumnType type, Object constant, String... jsons) {
        StringBuilder signs = new StringBuilder();
        for (String json : jsons) {
            boolean[] holds = new boolean[Operator.values().length];
            for (Operator operator : Operator.values()) {
                holds[operator.ordinal()] = evaluate(c(operator, constant), type, json) == Truth.TRUE;
            }
            int sign = holds[Operator.LT.ordinal()] ? -1 : holds[Operator.GT.ordinal()] ? 1 : 0;
            for (Operator operator : Operator.values()) {
                if (holds[operator.ordinal()] != operator.holds(sign)) {
                    throw new AssertionError(json + ' ' + operator + ' ' + constant + ": " + Arrays.toString(holds));
                }
            }
            boolean isMember = evaluate(in(constant, constant), type, json) == Truth.TRUE;
            if (isMember != (sign == 0)) {
                throw new AssertionError(json + " in " + constant + ": " + isMember);
            }
            signs.append(sign < 0 ? '<' : sign > 0 ? '>' : '=');
        }
        return signs.toString();
    }
}
