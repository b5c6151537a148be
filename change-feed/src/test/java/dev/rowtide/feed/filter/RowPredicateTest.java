package dev.rowtide.feed.filter;

import static dev.rowtide.feed.filter.Filters.evaluate;
import static dev.rowtide.feed.filter.Filters.in;
import static dev.rowtide.feed.filter.Filters.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowPredicateTest {
    private static final RowShape SHAPE =
            new RowShape(List.of("a", "b", "t"), List.of(Typed.EXACT_NUMBER, Typed.EXACT_NUMBER, Typed.TEXT));

    private static RowFilter is(String column, int value) {
        return RowFilter.compare(column, Operator.EQ, value(value));
    }

    private static Truth decide(RowFilter filter, String... json) throws InvalidFilterException {
        return RowPredicate.of(filter, SHAPE).evaluate(new Row(SHAPE, json));
    }

    @Test
    void nullIsUnknownAndUnknownIsSqls() throws InvalidFilterException {
        String[] aIsNull = {"null", "2", "\"x\""};
        RowFilter unknown = is("a", 1);
        assertThat(decide(unknown, aIsNull)).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.not(unknown), aIsNull)).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.compare("a", Operator.NE, value(1)), aIsNull))
                .isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.and(List.of(unknown, is("b", 2))), aIsNull)).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.and(List.of(unknown, is("b", 3))), aIsNull)).isEqualTo(Truth.FALSE);
        assertThat(decide(RowFilter.or(List.of(unknown, is("b", 2))), aIsNull)).isEqualTo(Truth.TRUE);
        assertThat(decide(RowFilter.or(List.of(unknown, is("b", 3))), aIsNull)).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.isNull("a"), aIsNull)).isEqualTo(Truth.TRUE);
        assertThat(decide(RowFilter.not(RowFilter.isNull("a")), aIsNull)).isEqualTo(Truth.FALSE);
        assertThat(decide(RowFilter.in("a", List.of(value(1), value(2))), aIsNull))
                .isEqualTo(Truth.UNKNOWN);
    }

    @Test
    void inOfNothingIsFalseAlsoForNull() throws InvalidFilterException {
        assertThat(decide(RowFilter.in("a", List.of()), "null", "1", "null")).isEqualTo(Truth.FALSE);
        assertThat(decide(RowFilter.not(RowFilter.in("a", List.of())), "null", "1", "null"))
                .isEqualTo(Truth.TRUE);
    }

    @Test
    void allAndNothing() throws InvalidFilterException {
        assertThat(decide(RowFilter.ALL, "null", null, null)).isEqualTo(Truth.TRUE);
        assertThat(decide(RowFilter.and(List.of()), "1", "1", "null")).isEqualTo(Truth.TRUE);
        assertThat(decide(RowFilter.or(List.of()), "1", "1", "null")).isEqualTo(Truth.FALSE);
    }

    @Test
    void aMissingColumnIsSaidOnlyIfItDecides() throws InvalidFilterException {
        String[] withoutA = {null, "2", "\"x\""};
        RowFilter missing = is("a", 1);
        assertThat(decide(missing, withoutA)).isEqualTo(Truth.NOT_IN_LOG);
        assertThat(decide(RowFilter.not(missing), withoutA)).isEqualTo(Truth.NOT_IN_LOG);
        assertThat(decide(RowFilter.isNull("a"), withoutA)).isEqualTo(Truth.NOT_IN_LOG);
        assertThat(decide(RowFilter.and(List.of(missing, is("b", 2))), withoutA))
                .isEqualTo(Truth.NOT_IN_LOG);
        assertThat(decide(RowFilter.and(List.of(missing, is("b", 3))), withoutA))
                .isEqualTo(Truth.FALSE);
        assertThat(decide(RowFilter.or(List.of(missing, is("b", 2))), withoutA)).isEqualTo(Truth.TRUE);
        assertThat(decide(RowFilter.or(List.of(missing, is("b", 3))), withoutA)).isEqualTo(Truth.NOT_IN_LOG);
        assertThat(decide(is("b", 2), withoutA)).isEqualTo(Truth.TRUE);
        // Beside NULL it can only be false or unknown, whatever it is.
        RowFilter besideNull = RowFilter.and(List.of(missing, is("b", 2)));
        assertThat(decide(besideNull, null, "null", "null")).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.not(besideNull), null, "null", "null")).isEqualTo(Truth.NOT_IN_LOG);
    }

    @Test
    void whatTheUserDoesNotHaveIsUnknown() throws InvalidFilterException {
        RowFilter mine = RowFilter.compare("a", Operator.EQ, new FilterValue.Attribute("id"));
        RowFilter teams = RowFilter.in("a", List.of(value(9), new FilterValue.Attribute("teams")));
        UserAttributes nobody = new UserAttributes(Map.of(), Map.of());
        UserAttributes ann = new UserAttributes(Map.of("id", value("7")), Map.of("teams", List.of(value(3), value(4))));
        assertThat(mine.hasAttributes()).isTrue();
        assertThatThrownBy(() -> decide(mine, "7", "1", "null")).hasMessageContaining("id was not bound");

        assertThat(decide(mine.bind(ann), "7", "1", "null")).isEqualTo(Truth.TRUE);
        assertThat(mine.bind(ann).hasAttributes()).isFalse();
        assertThat(decide(mine.bind(nobody), "7", "1", "null")).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.not(mine).bind(nobody), "7", "1", "null")).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(mine.bind(nobody), null, "1", "null"))
                .as("never true, so nothing has to be known")
                .isEqualTo(Truth.UNKNOWN);

        assertThat(decide(teams.bind(ann), "4", "1", "null")).isEqualTo(Truth.TRUE);
        assertThat(decide(teams.bind(ann), "5", "1", "null")).isEqualTo(Truth.FALSE);
        assertThat(decide(teams.bind(nobody), "9", "1", "null")).isEqualTo(Truth.TRUE);
        assertThat(decide(teams.bind(nobody), "5", "1", "null")).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(RowFilter.not(teams).bind(nobody), "5", "1", "null")).isEqualTo(Truth.UNKNOWN);
        assertThat(decide(
                        RowFilter.in("a", List.of(new FilterValue.Attribute("x")))
                                .bind(nobody),
                        "5",
                        "1",
                        "null"))
                .isEqualTo(Truth.UNKNOWN);
    }

    @Test
    void anAttributeOfAnotherTypeThanTheColumnIsUnknownToo() throws InvalidFilterException {
        RowFilter mine = RowFilter.not(RowFilter.compare("a", Operator.EQ, new FilterValue.Attribute("id")));
        RowFilter guest = mine.bind(new UserAttributes(Map.of("id", value("guest-5")), Map.of()));
        assertThat(decide(guest, "7", "1", "null")).isEqualTo(Truth.UNKNOWN);
        RowFilter list = RowFilter.compare("a", Operator.EQ, new FilterValue.Attribute("teams"))
                .bind(new UserAttributes(Map.of(), Map.of("teams", List.of(value(7)))));
        assertThat(decide(list, "7", "1", "null")).as("a list equals nothing").isEqualTo(Truth.UNKNOWN);
    }

    @Test
    void aUserCalled007IsNotTheOneCalled7() throws InvalidFilterException {
        RowFilter mine = RowFilter.compare("a", Operator.EQ, new FilterValue.Attribute("id"));
        for (String id : List.of("007", "7.0", "7e0", "0.7e1")) {
            assertThat(decide(mine.bind(new UserAttributes(Map.of("id", value(id)), Map.of())), "7", "1", "null"))
                    .isEqualTo(Truth.UNKNOWN);
            assertThat(decide(RowFilter.compare("a", Operator.EQ, value(id)), "7", "1", "null"))
                    .isEqualTo(Truth.TRUE);
        }
        RowFilter bound = mine.bind(new UserAttributes(Map.of("id", value("-12345678901234567890.5")), Map.of()));
        assertThat(decide(bound, "-12345678901234567890.50", "1", "null")).isEqualTo(Truth.TRUE);
    }

    @ParameterizedTest
    @CsvSource({
        "%, '', true",
        "'', '', true",
        "'', a, false",
        "_, '', false",
        "_, ä, true",
        "_, \ud83d\ude00, true",
        "__, \ud83d\ude00, false",
        "a%c, abc, true",
        "a%c, abcb, false",
        "a%b%c, axxbxxbxxc, true",
        "%ab, aab, true",
        "%a_, xaab, true",
        "%%_%, x, true",
        "a\\%, a%, true",
        "a\\%, ab, false",
        "\\_\\\\\\a, _\\a, true",
        "A, a, false",
        "%a%a%a%a%a%a%a%a%a%b, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, false",
    })
    void likeMatches(String pattern, String text, boolean matches) {
        String json = JsonScalar.quote(text);
        assertThat(evaluate(RowFilter.like("c", pattern), Typed.TEXT, json) == Truth.TRUE)
                .isEqualTo(matches);
    }

    @Test
    void likeOfSqliteTakesAsciiLettersForEachOtherAndOnlyTexts() {
        Dynamic numeric = new Dynamic(Affinity.NUMERIC, Collation.BINARY);
        assertThat(evaluate(RowFilter.like("c", "aB%"), numeric, "\"Abc\"")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(RowFilter.like("c", "Ä"), numeric, "\"ä\"")).isEqualTo(Truth.FALSE);
        assertThat(evaluate(RowFilter.like("c", "a"), numeric, "\"a\\u0000b\"")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(RowFilter.like("c", "5%"), numeric, "55")).isEqualTo(Truth.FALSE);
        assertThat(evaluate(RowFilter.like("c", "5%"), numeric, "\"55\"", StorageClass.INTEGER))
                .isEqualTo(Truth.FALSE);
        assertThat(evaluate(RowFilter.like("c", "A%"), numeric, "\"AAAA\"", StorageClass.BLOB))
                .isEqualTo(Truth.FALSE);
        assertThat(evaluate(RowFilter.like("c", "%"), numeric, "null")).isEqualTo(Truth.UNKNOWN);
    }

    @Test
    void inFindsAmongMany() {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < RowFilter.MAX_MEMBERS; i++) {
            values.add(i * 2);
        }
        RowFilter even = in(values.toArray());
        assertThat(evaluate(even, Typed.EXACT_NUMBER, "1998")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(even, Typed.EXACT_NUMBER, "1998.00")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(even, Typed.EXACT_NUMBER, "\"1998\"")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(even, Typed.EXACT_NUMBER, "1999")).isEqualTo(Truth.FALSE);
    }

    @Test
    void aRowOfAnotherShapeIsAMistake() throws InvalidFilterException {
        RowPredicate predicate = RowPredicate.of(is("a", 1), SHAPE);
        RowShape same = new RowShape(SHAPE.columns(), SHAPE.types());
        assertThat(predicate.evaluate(new Row(same, new String[] {"1", "1", "null"})))
                .isEqualTo(Truth.TRUE);
        RowShape other = new RowShape(List.of("b", "a", "t"), SHAPE.types());
        assertThatThrownBy(() -> predicate.evaluate(new Row(other, new String[] {"1", "1", "null"})))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnknownColumnIsRefusedWithTheNearestOnes() {
        assertThatThrownBy(() -> is("T", 1).check(SHAPE))
                .isInstanceOf(InvalidFilterException.class)
                .hasMessage("there is no column \"T\": the nearest are \"t\", \"a\", \"b\"");
        assertThatThrownBy(() -> RowFilter.isNull("x").check(SHAPE)).hasMessageContaining("no column \"x\"");
        assertThatThrownBy(() -> RowFilter.in("x", List.of()).check(SHAPE)).hasMessageContaining("no column \"x\"");
        assertThatThrownBy(() -> RowFilter.like("x", "%").check(SHAPE)).hasMessageContaining("no column \"x\"");
    }

    @Test
    void keysOfEqualValuesAreEqualHoweverTheyAreWritten() throws InvalidFilterException {
        EqualityKey key = EqualityKey.of(SHAPE, "a").orElseThrow();
        Object five = key.ofValue(value(5));
        assertThat(key.ofValue(value("5.0"))).isEqualTo(five);
        for (String json : List.of("5", "5.00", "\"5\"")) {
            assertThat(key.ofRow(new Row(SHAPE, new String[] {json, "1", "null"})))
                    .isEqualTo(five);
        }
        assertThat(key.ofRow(new Row(SHAPE, new String[] {"5.01", "1", "null"})))
                .isNotEqualTo(five);
        assertThat(key.ofRow(new Row(SHAPE, new String[] {"null", "1", "null"})))
                .isNull();
        assertThat(key.ofRow(new Row(SHAPE, new String[] {null, "1", "null"}))).isNull();
        assertThat(key.ofValue(new FilterValue.Bound(value("guest")))).isNull();
        assertThatThrownBy(() -> key.ofValue(value("guest"))).isInstanceOf(InvalidFilterException.class);
        assertThat(EqualityKey.of(SHAPE, "x")).isEmpty();
        assertThat(EqualityKey.of(new RowShape(List.of("a")), "a")).isEmpty();
    }
}
