package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.postgres.PostgresDialect;
import dev.rowtide.cdc.sqlite.SqliteDialect;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The SQL that is written; that it means the same as in memory the property tests of each database show. */
class SqlConditionTest {
    private static final RowShape POSTGRES =
            new RowShape(List.of("id", "na\"me?", "day"), List.of(Typed.EXACT_NUMBER, Typed.TEXT, Typed.DATE));
    private static final RowShape SQLITE = new RowShape(
            List.of("id", "na\"me?"),
            List.of(new Dynamic(Affinity.INTEGER, Collation.BINARY), new Dynamic(Affinity.TEXT, Collation.NOCASE)));
    private static final FilterValue TEXT = new FilterValue.Text("'; DROP TABLE t --");
    private static final FilterValue FIVE = new FilterValue.Number(5);

    private static SqlCondition postgres(RowFilter filter) throws InvalidFilterException {
        return SqlCondition.of(filter, POSTGRES, new PostgresDialect());
    }

    private static SqlCondition sqlite(RowFilter filter) throws InvalidFilterException {
        return SqlCondition.of(filter, SQLITE, new SqliteDialect());
    }

    @Test
    void noValueStandsInTheTextAndNamesAreQuoted() throws InvalidFilterException {
        RowFilter name = RowFilter.compare("na\"me?", Operator.EQ, TEXT);
        assertThat(postgres(name))
                .isEqualTo(new SqlCondition(
                        "(\"na\"\"me?\" = ?::text AND \"na\"\"me?\" COLLATE \"C\" = ?::text)",
                        List.of("'; DROP TABLE t --", "'; DROP TABLE t --")));
        assertThat(sqlite(name)).isEqualTo(new SqlCondition("\"na\"\"me?\" = ?", List.of("'; DROP TABLE t --")));
    }

    @Test
    void integersAreComparedSuchThatAnIndexIsOfUse() throws InvalidFilterException {
        assertThat(postgres(RowFilter.compare("id", Operator.GT, FIVE)))
                .isEqualTo(new SqlCondition("\"id\" > ?::bigint", List.of("5")));
        assertThat(postgres(RowFilter.compare("id", Operator.GT, new FilterValue.Number(new BigDecimal("1e20")))))
                .isEqualTo(new SqlCondition("\"id\" > ?::numeric", List.of("100000000000000000000")));
        assertThat(sqlite(RowFilter.compare("id", Operator.GT, FIVE)))
                .isEqualTo(new SqlCondition("\"id\" > ?", List.of(5L)));
    }

    @Test
    void theLogicIsWrittenOut() throws InvalidFilterException {
        RowFilter filter = RowFilter.or(List.of(
                RowFilter.not(RowFilter.in("id", List.of(FIVE, new FilterValue.Number(6), new FilterValue.Unknown()))),
                RowFilter.and(List.of(
                        RowFilter.isNull("na\"me?"), RowFilter.like("na\"me?", "a%"), RowFilter.in("id", List.of())))));
        assertThat(postgres(filter).text())
                .isEqualTo(
                        "(((FALSE) AND \"na\"\"me?\" IS NULL AND \"na\"\"me?\" COLLATE \"C\" LIKE ?::text ESCAPE '\\')"
                                + " OR NOT ((\"id\" IN (?::bigint, ?::bigint) OR NULL::boolean)))");
        assertThat(sqlite(RowFilter.ALL)).isEqualTo(new SqlCondition("1", List.of()));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> postgres(RowFilter.compare("day", Operator.EQ, FIVE)))
                .isInstanceOf(InvalidFilterException.class)
                .hasMessageContaining("column \"day\" is a date");
        assertThatThrownBy(() -> postgres(RowFilter.isNull("days"))).hasMessageContaining("the nearest are \"day\"");
        assertThatThrownBy(() -> postgres(RowFilter.compare("id", Operator.EQ, new FilterValue.Attribute("id"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not bound");
    }
}
