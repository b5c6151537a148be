package dev.rowtide.cdc.filter;

import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Filters on columns of a shape, with values like those that are in the columns. Whatever comes out is valid. */
public final class RandomFilters {
    private static final int MAX_DEPTH = 3;
    private static final List<String> PATTERN_PARTS =
            List.of("%", "%", "_", "a", "A", "b", "ab", "ä", "\ud83d\ude00", " ", "\\%", "\\_", "\\\\", "\\a", "1", "");

    private final Random random;
    private final RowShape shape;
    private final Map<String, List<String>> values;

    /** @param values texts of values for each column; what looks like a number or a boolean becomes one now and then */
    public RandomFilters(Random random, RowShape shape, Map<String, List<String>> values) {
        this.random = random;
        this.shape = shape;
        this.values = values;
    }

    public RowFilter next() {
        return next(random.nextInt(MAX_DEPTH + 1));
    }

    private RowFilter next(int depth) {
        if (depth == 0) {
            return condition();
        }
        return switch (random.nextInt(5)) {
            case 0, 1 -> RowFilter.and(members(depth));
            case 2, 3 -> RowFilter.or(members(depth));
            default -> RowFilter.not(next(depth - 1));
        };
    }

    private List<RowFilter> members(int depth) {
        List<RowFilter> members = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            members.add(next(random.nextInt(depth)));
        }
        return members;
    }

    private RowFilter condition() {
        while (true) {
            RowFilter condition = anyCondition(
                    shape.columns().get(random.nextInt(shape.columns().size())));
            try {
                condition.check(shape);
                return condition;
            } catch (InvalidFilterException e) {
                // Not for that column: the next one.
            }
        }
    }

    private RowFilter anyCondition(String column) {
        switch (random.nextInt(10)) {
            case 0:
                return RowFilter.isNull(column);
            case 1, 2:
                List<FilterValue> members = new ArrayList<>();
                int count = random.nextInt(5);
                for (int i = 0; i < count; i++) {
                    members.add(value(column));
                }
                RowFilter in = RowFilter.in(column, members);
                return random.nextBoolean() ? in : RowFilter.not(in);
            case 3, 4:
                StringBuilder pattern = new StringBuilder();
                for (int i = random.nextInt(5); i > 0; i--) {
                    pattern.append(PATTERN_PARTS.get(random.nextInt(PATTERN_PARTS.size())));
                }
                return RowFilter.like(column, pattern.toString());
            default:
                Operator[] operators = Operator.values();
                return RowFilter.compare(column, operators[random.nextInt(operators.length)], value(column));
        }
    }

    private FilterValue value(String column) {
        List<String> texts = values.get(column);
        String text = texts.get(random.nextInt(texts.size()));
        switch (random.nextInt(20)) {
            case 0:
                return new FilterValue.Unknown();
            case 1:
                // Of any type: what does not fit is unknown.
                List<List<String>> all = List.copyOf(values.values());
                List<String> others = all.get(random.nextInt(all.size()));
                return new FilterValue.Bound(new FilterValue.Text(others.get(random.nextInt(others.size()))));
            case 2:
                return new FilterValue.Bool(random.nextBoolean());
            default:
                break;
        }
        if (text.equals("true") || text.equals("false")) {
            return new FilterValue.Bool(text.equals("true"));
        }
        if (random.nextInt(4) > 0) {
            try {
                return new FilterValue.Number(new BigDecimal(text));
            } catch (IllegalArgumentException e) {
                // A text, then.
            }
        }
        return new FilterValue.Text(text);
    }
}
