package dev.rowtide.app.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A condition in three languages, each written here by itself: the filter of the wire, the database's WHERE, and Java with SQL's third truth value (null).
 *
 * @param json as it stands in a {@code filter}
 * @param sql as it stands behind WHERE
 * @param test of a row, by column; null is unknown
 */
record Condition(String json, String sql, Function<Map<String, @Nullable Object>, @Nullable Boolean> test) {
    static final Condition ALL = new Condition("{}", "1 = 1", row -> true);

    static final List<String> OWNERS = List.of("ann", "bob", "cid", "o'neill", "\\\"x\\\"");
    static final List<String> STATES = List.of("open", "closed", "public");

    boolean holds(Map<String, @Nullable Object> row) {
        return Boolean.TRUE.equals(test.apply(row));
    }

    Condition and(Condition other) {
        return new Condition(
                "{\"AND\":[" + json + ',' + other.json + "]}",
                '(' + sql + " AND " + other.sql + ')',
                row -> both(test.apply(row), other.test.apply(row)));
    }

    Condition or(Condition other) {
        return new Condition(
                "{\"OR\":[" + json + ',' + other.json + "]}",
                '(' + sql + " OR " + other.sql + ')',
                row -> not(both(not(test.apply(row)), not(other.test.apply(row)))));
    }

    Condition negated() {
        return new Condition("{\"NOT\":" + json + '}', "(NOT " + sql + ')', row -> not(test.apply(row)));
    }

    private static @Nullable Boolean both(@Nullable Boolean a, @Nullable Boolean b) {
        if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
            return false;
        }
        return a == null || b == null ? null : Boolean.TRUE;
    }

    private static @Nullable Boolean not(@Nullable Boolean a) {
        return a == null ? null : Boolean.valueOf(!a);
    }

    static Condition equal(String column, Object value) {
        return new Condition(
                "{\"" + column + "\":" + json(value) + '}',
                '(' + column + " = " + sql(value) + ')',
                row -> row.get(column) == null ? null : Boolean.valueOf(Objects.equals(row.get(column), value)));
    }

    static Condition in(String column, List<?> values) {
        return new Condition(
                "{\"" + column + "\":{\"in\":["
                        + values.stream().map(Condition::json).collect(Collectors.joining(",")) + "]}}",
                '(' + column + " IN (" + values.stream().map(Condition::sql).collect(Collectors.joining(",")) + "))",
                row -> row.get(column) == null ? null : Boolean.valueOf(values.contains(row.get(column))));
    }

    static Condition isNull(String column) {
        return new Condition(
                "{\"" + column + "\":{\"isNull\":true}}", '(' + column + " IS NULL)", row -> row.get(column) == null);
    }

    static Condition compare(String column, String name, String operator, int value) {
        return new Condition(
                "{\"" + column + "\":{\"" + name + "\":" + value + "}}",
                '(' + column + ' ' + operator + ' ' + value + ')',
                row -> {
                    Integer number = (Integer) row.get(column);
                    return number == null
                            ? null
                            : Boolean.valueOf(
                                    switch (name) {
                                        case "gt" -> number > value;
                                        case "gte" -> number >= value;
                                        case "lt" -> number < value;
                                        default -> number <= value;
                                    });
                });
    }

    /** Any, of some depth. */
    static Condition random(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            Condition left = random(random, depth - 1);
            return switch (random.nextInt(3)) {
                case 0 -> left.and(random(random, depth - 1));
                case 1 -> left.or(random(random, depth - 1));
                default -> left.negated();
            };
        }
        return switch (random.nextInt(8)) {
            case 0, 1 -> equal("owner", pick(random, OWNERS));
            case 2 -> equal("status", pick(random, STATES));
            case 3 -> in("owner", some(random, OWNERS));
            case 4 -> isNull(random.nextBoolean() ? "owner" : "priority");
            case 5 -> compare("priority", "gte", ">=", random.nextInt(10));
            case 6 -> compare("priority", "lt", "<", random.nextInt(10));
            default -> equal("priority", random.nextInt(10));
        };
    }

    static <T> T pick(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private static List<String> some(Random random, List<String> values) {
        List<String> some = new ArrayList<>(values);
        java.util.Collections.shuffle(some, random);
        return some.subList(0, 1 + random.nextInt(3));
    }

    static String json(@Nullable Object value) {
        return value instanceof String text
                ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
                : String.valueOf(value);
    }

    static String sql(@Nullable Object value) {
        return value instanceof String text
                ? '\'' + text.replace("'", "''") + '\''
                : String.valueOf(value).toUpperCase(Locale.ROOT);
    }
}
