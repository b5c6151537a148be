package dev.rowtide.feed.filter;

import static dev.rowtide.feed.filter.Filters.c;
import static dev.rowtide.feed.filter.Filters.in;
import static dev.rowtide.feed.filter.Filters.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.RowShape;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowFilterTest {
    private static final RowFilter A = RowFilter.compare("a", Operator.EQ, value(1));
    private static final RowFilter B = RowFilter.compare("b", Operator.GTE, value("x"));
    private static final RowFilter N = RowFilter.isNull("n");

    @Test
    void filtersThatMeanTheSameAreEqualAndHaveTheSameText() {
        same(
                RowFilter.and(List.of(A, B, N)),
                RowFilter.and(List.of(N, RowFilter.and(List.of(B, A)), A, RowFilter.ALL)));
        same(RowFilter.or(List.of(A, B, N)), RowFilter.or(List.of(RowFilter.or(List.of(N, B)), A)));
        same(RowFilter.and(List.of(A)), A);
        same(RowFilter.or(List.of(A, RowFilter.ALL)), RowFilter.ALL);
        same(RowFilter.not(RowFilter.not(B)), B);
        same(RowFilter.not(A), RowFilter.compare("a", Operator.NE, value(1)));
        same(in("y", "x", "y"), in("x", "y"));
        same(in(5), c(Operator.EQ, 5));
        same(c(Operator.EQ, new BigDecimal("1.00")), c(Operator.EQ, 1));
        same(c(Operator.EQ, new BigDecimal("-0.0")), c(Operator.EQ, 0));
    }

    private static void same(RowFilter left, RowFilter right) {
        assertThat(left).isEqualTo(right).hasSameHashCodeAs(right);
        assertThat(left.text()).isEqualTo(right.text());
    }

    @Test
    void filtersThatDifferHaveDifferentTexts() {
        List<RowFilter> filters = List.of(
                A,
                B,
                N,
                RowFilter.ALL,
                RowFilter.not(RowFilter.ALL),
                RowFilter.not(N),
                RowFilter.and(List.of(A, B)),
                RowFilter.or(List.of(A, B)),
                c(Operator.EQ, 1),
                c(Operator.EQ, "1"),
                c(Operator.EQ, true),
                c(Operator.EQ, "true"),
                in(),
                in(1, 2),
                in("1", 2),
                RowFilter.like("c", "1"),
                RowFilter.compare("c", Operator.EQ, new FilterValue.Attribute("id")),
                c(Operator.EQ, "$user.id"),
                RowFilter.compare("c", Operator.EQ, new FilterValue.Unknown()));
        assertThat(filters).extracting(RowFilter::text).doesNotHaveDuplicates();
        assertThat(filters).doesNotHaveDuplicates();
    }

    @Test
    void theTextIsTheFilterInTheLanguageOfTheWire() {
        assertThat(RowFilter.and(List.of(B, RowFilter.not(N), in(2, "a\""))).text())
                .isEqualTo(
                        "{\"AND\":[{\"NOT\":{\"n\":{\"isNull\":true}}},{\"b\":{\"gte\":\"x\"}},{\"c\":{\"in\":[\"a\\\"\",2]}}]}");
    }

    @Test
    void equalitiesAreKnownOfWhichOneMustHold() {
        RowFilter x = c(Operator.EQ, "x");
        assertThat(anchors(A)).containsExactly("{\"a\":{\"eq\":1}}");
        assertThat(anchors(in(1, 2))).containsExactly("{\"c\":{\"eq\":1}}", "{\"c\":{\"eq\":2}}");
        assertThat(anchors(RowFilter.and(List.of(in(1, 2), B, N, A))))
                .as("the fewest")
                .containsExactly("{\"a\":{\"eq\":1}}");
        assertThat(anchors(RowFilter.or(List.of(A, RowFilter.and(List.of(x, B))))))
                .containsExactlyInAnyOrder("{\"a\":{\"eq\":1}}", "{\"c\":{\"eq\":\"x\"}}");
        for (RowFilter free : List.of(RowFilter.or(List.of(A, N)), RowFilter.not(A), B, N, RowFilter.ALL)) {
            assertThat(free.anchors()).as(free.text()).isEmpty();
        }
        for (RowFilter never : List.of(
                RowFilter.or(List.of()), in(), RowFilter.compare("a", Operator.EQ, new FilterValue.Unknown()))) {
            assertThat(never.anchors()).as(never.text()).contains(List.of());
        }
    }

    private static List<String> anchors(RowFilter filter) {
        return filter.anchors().orElseThrow().stream().map(RowFilter::text).toList();
    }

    @Test
    void theColumnsAreThoseOfAllConditions() {
        assertThat(RowFilter.or(List.of(
                                RowFilter.and(List.of(N, RowFilter.not(RowFilter.like("l", "x%")))),
                                RowFilter.not(RowFilter.or(List.of(B, RowFilter.in("m", List.of())))),
                                A,
                                RowFilter.compare("a", Operator.GT, value(2)),
                                RowFilter.in("u", List.of(new FilterValue.Attribute("id")))))
                        .columns())
                .containsExactly("a", "b", "l", "m", "n", "u");
        assertThat(RowFilter.ALL.columns()).isEmpty();
        assertThat(RowFilter.not(RowFilter.ALL).columns()).isEmpty();
    }

    @Test
    void aFilterHasLimitsHoweverItIsMade() {
        RowFilter deep = A;
        for (int i = 0; i < RowFilter.MAX_DEPTH; i++) {
            deep = i % 2 == 0 ? RowFilter.or(List.of(deep, N)) : RowFilter.and(List.of(deep, B));
        }
        RowFilter deepest = deep;
        assertThat(deepest.depth()).isEqualTo(RowFilter.MAX_DEPTH);
        assertThatThrownBy(() -> RowFilter.or(List.of(deepest, A, B)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("20 ANDs, ORs and NOTs");

        List<RowFilter> conditions = new ArrayList<>();
        for (int i = 0; i < RowFilter.MAX_NODES - 1; i++) {
            conditions.add(c(Operator.GT, i));
        }
        assertThat(RowFilter.and(conditions).nodes()).isEqualTo(RowFilter.MAX_NODES);
        conditions.add(A);
        assertThatThrownBy(() -> RowFilter.and(conditions)).hasMessageContaining("500 conditions");

        List<FilterValue> values = new ArrayList<>();
        for (int i = 0; i < RowFilter.MAX_MEMBERS; i++) {
            values.add(value(i));
        }
        RowFilter many = RowFilter.in("a", values);
        RowFilter alsoMany = RowFilter.in("b", values);
        assertThat(RowFilter.and(List.of(many, alsoMany)).values()).isEqualTo(RowFilter.MAX_VALUES);
        assertThatThrownBy(() -> RowFilter.and(List.of(many, alsoMany, A))).hasMessageContaining("2000 values");
        values.add(value(-1));
        assertThatThrownBy(() -> RowFilter.in("a", values)).hasMessageContaining("1000 members");

        assertThatThrownBy(() -> value("x".repeat(RowFilter.MAX_TEXT + 1))).hasMessageContaining("4000 characters");
        assertThatThrownBy(() -> RowFilter.like("a", "x".repeat(RowFilter.MAX_PATTERN + 1)))
                .hasMessageContaining("200 characters");
        for (String number : List.of("1e1001", "1e-1001", "1e1000000000", "1e-1000000000")) {
            assertThatThrownBy(() -> value(new BigDecimal(number))).hasMessageContaining("1000 digits");
        }
    }

    @Test
    void patternsAndTextsThatNoDatabaseTakesAreRefused() {
        assertThatThrownBy(() -> RowFilter.like("a", "100\\")).hasMessageContaining("lone \\");
        RowFilter.like("a", "100\\\\");
        assertThatThrownBy(() -> RowFilter.like("a", "a\0")).hasMessageContaining("U+0000");
        assertThatThrownBy(() -> value("a\ud83d")).hasMessageContaining("surrogate");
        assertThatThrownBy(() -> value("\ude00")).hasMessageContaining("surrogate");
    }

    @Test
    void aListThatIsTooLongCannotBeBound() {
        UserAttributes attributes = new UserAttributes(Map.of(), Map.of("teams", Collections.nCopies(1, value("t"))));
        RowFilter teams = RowFilter.in("c", List.of(new FilterValue.Attribute("teams")));
        assertThat(teams.bind(attributes))
                .isEqualTo(RowFilter.compare("c", Operator.EQ, new FilterValue.Bound(value("t"))));
        List<FilterValue.Literal> tooMany = new ArrayList<>();
        for (int i = 0; i <= RowFilter.MAX_MEMBERS; i++) {
            tooMany.add(value(i));
        }
        assertThatThrownBy(() -> teams.bind(new UserAttributes(Map.of(), Map.of("teams", tooMany))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000 members");
    }

    @Test
    void shapesHaveOneTypeAColumn() {
        assertThatThrownBy(() -> new RowShape(List.of("a", "b"), List.of()))
                .hasMessageContaining("0 types for 2 columns");
    }
}
