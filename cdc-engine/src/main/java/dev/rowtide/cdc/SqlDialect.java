package dev.rowtide.cdc;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import java.util.List;

/** How one kind of database writes the conditions of a filter, for {@link SqlCondition}. Each method appends SQL, and a parameter for each {@code ?} in it. */
public interface SqlDialect {

    /** A condition that always holds, or never. */
    String truth(boolean holds);

    /** A condition that is unknown. */
    String unknown();

    /**
     * A comparison with one value.
     *
     * @param column quoted
     * @param literal in the form for the type
     */
    void compare(
            String column,
            ColumnType type,
            Operator operator,
            FilterValue.Literal literal,
            StringBuilder sql,
            List<Object> parameters);

    /** Whether the column equals one of these, which are one or more. */
    void in(
            String column,
            ColumnType type,
            List<FilterValue.Literal> literals,
            StringBuilder sql,
            List<Object> parameters);

    /** Whether a text matches a pattern in which {@code \} makes the next character stand for itself. */
    void like(String column, String pattern, StringBuilder sql, List<Object> parameters);
}
