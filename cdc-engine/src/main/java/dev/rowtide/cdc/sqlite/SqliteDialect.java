package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.SqlDialect;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import java.util.Base64;
import java.util.List;

/**
 * SQLite's conditions. A parameter is of the class that the value shall have in the comparison, and collating sequence and affinity are the column's own.
 *
 * <p>LIKE is asked of texts only: of BLOBs the answer depends on how the library was built.
 */
public final class SqliteDialect implements SqlDialect {

    @Override
    public String truth(boolean holds) {
        return holds ? "1" : "0";
    }

    @Override
    public String unknown() {
        return "NULL";
    }

    @Override
    public void compare(
            String column,
            ColumnType type,
            Operator operator,
            FilterValue.Literal literal,
            StringBuilder sql,
            List<Object> parameters) {
        sql.append(column).append(' ').append(operator.sql()).append(" ?");
        parameters.add(parameter((Dynamic) type, literal));
    }

    @Override
    public void in(
            String column,
            ColumnType type,
            List<FilterValue.Literal> literals,
            StringBuilder sql,
            List<Object> parameters) {
        sql.append(column).append(" IN (");
        for (int i = 0; i < literals.size(); i++) {
            sql.append(i == 0 ? "?" : ", ?");
            parameters.add(parameter((Dynamic) type, literals.get(i)));
        }
        sql.append(')');
    }

    @Override
    public void like(String column, String pattern, StringBuilder sql, List<Object> parameters) {
        sql.append("CASE typeof(")
                .append(column)
                .append(") WHEN 'text' THEN ")
                .append(column)
                .append(" LIKE ? ESCAPE '\\' WHEN 'null' THEN NULL ELSE 0 END");
        parameters.add(pattern);
    }

    private static Object parameter(Dynamic type, FilterValue.Literal literal) {
        if (literal instanceof FilterValue.Number number) {
            return number.stored();
        }
        String text = ((FilterValue.Text) literal).value();
        return switch (type.affinity()) {
            case BLOB -> Base64.getDecoder().decode(text);
            case REAL -> Double.valueOf(text); // an infinity, the only text that is a real
            case INTEGER, NUMERIC, TEXT, NONE -> text;
        };
    }
}
