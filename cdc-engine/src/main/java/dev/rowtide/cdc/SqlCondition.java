package dev.rowtide.cdc;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A filter as SQL, to stand behind WHERE. It lets the same rows pass as {@link dev.rowtide.feed.filter.RowPredicate}.
 *
 * @param text with a {@code ?} for each value; no value stands in the text itself. Empty for no condition
 * @param parameters the values, in order: {@link #bind} sets them
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

    /**
     * Writes a filter for the database of {@code dialect}.
     *
     * @param filter without attributes
     * @throws InvalidFilterException if a column does not exist or cannot be compared like that, or a literal is not of its type
     * @throws IllegalArgumentException if it has attributes
     */
    public static SqlCondition of(RowFilter filter, RowShape shape, SqlDialect dialect) throws InvalidFilterException {
        if (filter.hasAttributes()) {
            throw new IllegalArgumentException("the filter " + filter.text() + " has attributes that were not bound");
        }
        Writer writer = new Writer(shape, dialect);
        writer.write(filter.resolve(shape));
        return new SqlCondition(writer.sql.toString(), writer.parameters);
    }

    /**
     * Sets the parameters of a statement.
     *
     * @param first the index of the first {@code ?} of this condition, from 1
     * @return the index behind its last one
     */
    public int bind(PreparedStatement statement, int first) throws SQLException {
        int index = first;
        for (Object parameter : parameters) {
            statement.setObject(index, parameter);
            index++;
        }
        return index;
    }

    /** What all databases have in common. */
    private static final class Writer {
        private final RowShape shape;
        private final SqlDialect dialect;
        private final StringBuilder sql = new StringBuilder();
        private final List<Object> parameters = new ArrayList<>();

        Writer(RowShape shape, SqlDialect dialect) {
            this.shape = shape;
            this.dialect = dialect;
        }

        void write(RowFilter filter) {
            if (filter instanceof RowFilter.And and) {
                join(and.members(), " AND ");
            } else if (filter instanceof RowFilter.Or or) {
                join(or.members(), " OR ");
            } else if (filter instanceof RowFilter.Not not) {
                sql.append("NOT (");
                write(not.member());
                sql.append(')');
            } else if (filter instanceof RowFilter.Comparison comparison) {
                if (comparison.value() instanceof FilterValue.Literal literal) {
                    dialect.compare(
                            column(comparison.column()),
                            type(comparison.column()),
                            comparison.operator(),
                            literal,
                            sql,
                            parameters);
                } else {
                    sql.append(dialect.unknown());
                }
            } else if (filter instanceof RowFilter.In in) {
                in(in);
            } else if (filter instanceof RowFilter.Like like) {
                dialect.like(column(like.column()), like.pattern(), sql, parameters);
            } else if (filter instanceof RowFilter.IsNull isNull) {
                sql.append(column(isNull.column())).append(" IS NULL");
            } else {
                sql.append(dialect.truth(true));
            }
        }

        private void in(RowFilter.In in) {
            List<FilterValue.Literal> literals = in.members().stream()
                    .filter(FilterValue.Literal.class::isInstance)
                    .map(FilterValue.Literal.class::cast)
                    .toList();
            boolean withUnknown = literals.size() < in.members().size();
            sql.append('(');
            if (!literals.isEmpty()) {
                dialect.in(column(in.column()), type(in.column()), literals, sql, parameters);
            } else {
                sql.append(dialect.truth(false));
            }
            sql.append(withUnknown ? " OR " + dialect.unknown() : "").append(')');
        }

        private void join(List<RowFilter> members, String operator) {
            sql.append('(');
            for (Iterator<RowFilter> member = members.iterator(); member.hasNext(); ) {
                write(member.next());
                sql.append(member.hasNext() ? operator : "");
            }
            sql.append(')');
        }

        private static String column(String name) {
            return TableName.quote(name);
        }

        private ColumnType type(String column) {
            return shape.types().get(shape.columns().indexOf(column));
        }
    }
}
