package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.SqlDialect;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import java.math.BigDecimal;
import java.util.List;

/**
 * PostgreSQL's conditions. All parameters are strings, each with a cast to the column's type, so that nothing depends on what the driver thinks that they are.
 *
 * <p>Texts are compared under {@code COLLATE "C"}, since no two machines need agree on any other. For equality the column's own collation is asked as well: it is equal whenever the bytes are, so that adds
 * nothing but the use of an index.
 */
public final class PostgresDialect implements SqlDialect {
    private static final String BY_CODE_POINT = " COLLATE \"C\"";

    @Override
    public String truth(boolean holds) {
        return holds ? "TRUE" : "FALSE";
    }

    @Override
    public String unknown() {
        return "NULL::boolean";
    }

    @Override
    public void compare(
            String column,
            ColumnType columnType,
            Operator operator,
            FilterValue.Literal literal,
            StringBuilder sql,
            List<Object> parameters) {
        Typed type = (Typed) columnType;
        String placeholder = placeholder(type, literal);
        String parameter = parameter(literal);
        if (operator == Operator.EQ && isText(type)) {
            sql.append('(').append(column).append(" = ").append(placeholder).append(" AND ");
            parameters.add(parameter);
        }
        sql.append(operand(column, type)).append(' ').append(operator.sql()).append(' ');
        sql.append(placeholder).append(operator == Operator.EQ && isText(type) ? ")" : "");
        parameters.add(parameter);
    }

    @Override
    public void in(
            String column,
            ColumnType columnType,
            List<FilterValue.Literal> literals,
            StringBuilder sql,
            List<Object> parameters) {
        Typed type = (Typed) columnType;
        if (isText(type)) {
            member(column, type, literals, sql, parameters);
            sql.append(" AND ");
        }
        member(operand(column, type), type, literals, sql, parameters);
    }

    private static void member(
            String operand,
            Typed type,
            List<FilterValue.Literal> literals,
            StringBuilder sql,
            List<Object> parameters) {
        sql.append(operand).append(" IN (");
        for (int i = 0; i < literals.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(placeholder(type, literals.get(i)));
            parameters.add(parameter(literals.get(i)));
        }
        sql.append(')');
    }

    @Override
    public void like(String column, String pattern, StringBuilder sql, List<Object> parameters) {
        sql.append(column).append(BY_CODE_POINT).append(" LIKE ?::text ESCAPE '\\'");
        parameters.add(pattern);
    }

    private static boolean isText(Typed type) {
        return type == Typed.TEXT || type == Typed.PADDED_TEXT;
    }

    private static String operand(String column, Typed type) {
        if (type == Typed.ENUM) {
            // As a text: a label that the enum does not have is no error then, but equal to nothing.
            return column + "::text";
        }
        return isText(type) ? column + BY_CODE_POINT : column;
    }

    private static String placeholder(Typed type, FilterValue.Literal literal) {
        return "?::"
                + switch (type) {
                    case BOOLEAN -> "boolean";
                    // An index on an integer column is of no use for a numeric.
                    case EXACT_NUMBER ->
                        literal instanceof FilterValue.Number number && isBigint(number.value()) ? "bigint" : "numeric";
                    case FLOAT4 -> "real";
                    case FLOAT8 -> "double precision";
                    case TEXT, ENUM -> "text";
                    case PADDED_TEXT -> "bpchar";
                    case UUID -> "uuid";
                    case DATE -> "date";
                    case TIMESTAMP -> "timestamp";
                    case TIMESTAMP_WITH_ZONE -> "timestamptz";
                    case TIME -> "time";
                    case BYTES -> "bytea";
                };
    }

    private static boolean isBigint(BigDecimal number) {
        return number.scale() <= 0 && number.toBigInteger().bitLength() < Long.SIZE;
    }

    private static String parameter(FilterValue.Literal literal) {
        if (literal instanceof FilterValue.Number number) {
            return number.value().toPlainString();
        }
        return literal instanceof FilterValue.Text text
                ? text.value()
                : String.valueOf(((FilterValue.Bool) literal).value());
    }
}
