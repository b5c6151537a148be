package dev.rowtide.feed.filter;

import java.util.Locale;

/** How a column is compared with one value. */
public enum Operator {
    EQ("="),
    NE("<>"),
    GT(">"),
    GTE(">="),
    LT("<"),
    LTE("<=");

    private final String wireName = name().toLowerCase(Locale.ROOT);
    private final String sql;

    Operator(String sql) {
        this.sql = sql;
    }

    /** The name in filters: {@code eq}, {@code gte} … */
    public String wireName() {
        return wireName;
    }

    /** The same in SQL. */
    public String sql() {
        return sql;
    }

    /** Whether it asks for an order, and not only whether two values are equal. */
    public boolean ordering() {
        return this != EQ && this != NE;
    }

    /** @param comparison how the column's value is to the other: negative, 0 or positive */
    boolean holds(int comparison) {
        return switch (this) {
            case EQ -> comparison == 0;
            case NE -> comparison != 0;
            case GT -> comparison > 0;
            case GTE -> comparison >= 0;
            case LT -> comparison < 0;
            case LTE -> comparison <= 0;
        };
    }
}
