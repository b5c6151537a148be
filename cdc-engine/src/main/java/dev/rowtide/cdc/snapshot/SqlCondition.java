package dev.rowtide.cdc.snapshot;

import java.util.List;
import java.util.stream.Stream;

/**
 * A condition on rows, as SQL: what a client wrote is in the parameters and never in the text.
 *
 * @param text a boolean expression with a {@code ?} for each parameter; empty for none
 * @param parameters as JDBC takes them, in the order of the question marks
 */
public record SqlCondition(String text, List<Object> parameters) {
    /** All rows. */
    public static final SqlCondition NONE = new SqlCondition("", List.of());

    public SqlCondition {
        parameters = List.copyOf(parameters);
    }

    /** What holds when both hold. */
    public SqlCondition and(SqlCondition other) {
        if (text.isEmpty()) {
            return other;
        }
        if (other.text.isEmpty()) {
            return this;
        }
        return new SqlCondition(
                '(' + text + ") AND (" + other.text + ')',
                Stream.concat(parameters.stream(), other.parameters.stream()).toList());
    }

    /** With {@code WHERE} and a blank in front; empty for none. */
    public String where() {
        return text.isEmpty() ? "" : " WHERE " + text;
    }
}
