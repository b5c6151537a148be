package dev.rowtide.gateway.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.view.Rendering.Form;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shown of a change: by the row before, the row after, and what of them the log has. */
class ViewTest {
    private static final RowShape SHAPE =
            new RowShape(List.of("id", "a", "b"), List.of(Typed.EXACT_NUMBER, Typed.EXACT_NUMBER, Typed.EXACT_NUMBER));
    private static final RowFilter A = equal("a");
    private static final RowFilter B = equal("b");

    private static RowFilter equal(String column) {
        return RowFilter.compare(column, Operator.EQ, new FilterValue.Number(1));
    }

    /** Columns a and b: 1 or 0, n for NULL, ? for what the log does not have; - for no row. */
    private static @Nullable Row row(String values) {
        if (values.equals("-")) {
            return null;
        }
        @Nullable String[] json = {"7", null, null};
        for (int i = 0; i < 2; i++) {
            char value = values.charAt(i);
            json[i + 1] = value == '?' ? null : value == 'n' ? "null" : String.valueOf(value);
        }
        return new Row(SHAPE, json);
    }

    private static DataChangeEvent event(Operation operation, @Nullable Row old, @Nullable Row data) {
        return new DataChangeEvent(
                "post",
                operation,
                new RecordId("7", "7"),
                data,
                old,
                null,
                new Position(new Epoch("mvx3k2p1a7f3c"), 1, 1),
                new DataChangeEvent.Transaction("1", 0, true),
                0);
    }

    /** Policy a = 1, filter b = 1. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            # operation, old, new, shown
            CREATE, -,  11, WHOLE
            CREATE, -,  10, NOTHING
            CREATE, -,  01, NOTHING
            CREATE, -,  1n, NOTHING
            UPDATE, 11, 11, WHOLE
            UPDATE, 10, 11, ENTERED
            UPDATE, 01, 11, ENTERED
            UPDATE, n1, 11, ENTERED
            UPDATE, 11, 10, LEFT
            UPDATE, 11, 01, LEFT
            UPDATE, 11, 1n, LEFT
            UPDATE, 10, 01, NOTHING
            # the log lacks the old row: what the policy lets through is shown, the filter is lenient
            UPDATE, -,  11, WHOLE
            UPDATE, ??, 11, WITHOUT_OLD
            UPDATE, ?1, 11, WITHOUT_OLD
            UPDATE, ?0, 11, ENTERED
            UPDATE, 1?, 11, WHOLE
            UPDATE, 0?, 11, ENTERED
            UPDATE, 1?, 10, LEFT
            UPDATE, 0?, 10, NOTHING
            UPDATE, -,  10, UNDECIDED
            UPDATE, ??, 01, UNDECIDED
            UPDATE, ?0, 01, NOTHING
            # an unchanged value that is in neither row, or only in the old one
            UPDATE, 1?, 1?, UNDECIDED
            UPDATE, 11, 1?, WHOLE
            UPDATE, 10, 1?, NOTHING
            UPDATE, 11, ?1, WHOLE
            UPDATE, -,  1?, UNDECIDED
            UPDATE, -,  ?1, UNDECIDED
            DELETE, 11, -,  WHOLE
            DELETE, 10, -,  NOTHING
            DELETE, 01, -,  NOTHING
            DELETE, 1?, -,  LEFT
            DELETE, ?1, -,  UNDECIDED
            DELETE, ??, -,  UNDECIDED
            DELETE, ?0, -,  NOTHING
            DELETE, -,  -,  UNDECIDED
            """)
    void aRowIsShownAsItComesAndGoes(Operation operation, String old, String now, Form shown) throws Exception {
        View view = new View(A, B, List.of());
        assertThat(view.show(event(operation, row(old), row(now))).form()).isEqualTo(shown);
    }

    @Test
    void withoutAPolicyWhatTheLogLacksIsShownRatherThanMissed() throws Exception {
        View view = new View(RowFilter.ALL, B, List.of());
        assertThat(view.show(event(Operation.UPDATE, null, row("00"))).form()).isEqualTo(Form.LEFT);
        assertThat(view.show(event(Operation.UPDATE, null, row("01"))).form()).isEqualTo(Form.WHOLE);
        assertThat(view.show(event(Operation.DELETE, row("??"), null)).form()).isEqualTo(Form.LEFT);
    }

    @Test
    void aPolicyThatShowsNothingShowsNothingNotEvenATruncation() throws Exception {
        View nothing = new View(RowFilter.or(List.of()), RowFilter.ALL, List.of());
        assertThat(nothing.show(event(Operation.CREATE, null, row("11")))).isEqualTo(Rendering.NOTHING);
        assertThat(nothing.show(event(Operation.TRUNCATE, null, null))).isEqualTo(Rendering.NOTHING);
        assertThat(new View(A, B, List.of())
                        .show(event(Operation.TRUNCATE, null, null))
                        .form())
                .isEqualTo(Form.WHOLE);
    }

    @Test
    void aTableThatHasLostTheColumnIsAnError() throws Exception {
        RowShape smaller = new RowShape(List.of("id", "a"), List.of(Typed.EXACT_NUMBER, Typed.EXACT_NUMBER));
        View view = new View(A, B, List.of());
        view.show(event(Operation.CREATE, null, row("11")));
        Row row = new Row(smaller, new String[] {"7", "1"});
        assertThatThrownBy(() -> view.show(event(Operation.CREATE, null, row)))
                .isInstanceOf(InvalidFilterException.class)
                .hasMessageContaining("\"b\"");
    }

    @Test
    void viewsThatShowTheSameAreEqual() {
        View view = new View(A, RowFilter.and(List.of(A, B)), List.of("b", "id", "b"));
        assertThat(view)
                .isEqualTo(new View(A, RowFilter.and(List.of(B, A)), List.of("id", "b")))
                .hasSameHashCodeAs(new View(A, RowFilter.and(List.of(B, A)), List.of("id", "b")))
                .isNotEqualTo(new View(A, B, List.of("id", "b")))
                .isNotEqualTo(new View(B, RowFilter.and(List.of(A, B)), List.of("id", "b")))
                .isNotEqualTo(new View(A, RowFilter.and(List.of(A, B)), List.of("id")));
        assertThat(view.columns()).containsExactly("b", "id");
        assertThat(view.rows()).isEqualTo(RowFilter.and(List.of(A, B)));
    }
}
