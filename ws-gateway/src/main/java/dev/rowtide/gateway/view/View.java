package dev.rowtide.gateway.view;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.feed.filter.RowPredicate;
import dev.rowtide.feed.filter.Truth;
import dev.rowtide.gateway.view.Rendering.Form;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows and columns that a subscriber sees. Views that show the same are equal. Not thread-safe: it keeps what it has compiled.
 *
 * <p>A change is judged by its old row and its new one: a row that comes into view is created, one that leaves it is deleted. The old row is not always in the log (PostgreSQL writes it with REPLICA
 * IDENTITY FULL only). Then a <em>filter</em> is lenient: the subscriber may see these rows anyway, so it gets an update that may be of a row that it does not have, and a delete that may be of
 * none. A <em>policy</em> is not: what it might forbid is not shown, not even that a key has gone.
 */
public final class View {
    /** All rows with all columns. */
    public static final View ALL = new View(RowFilter.ALL, RowFilter.ALL, List.of());

    private static final RowFilter NO_ROW = RowFilter.or(List.of());

    private final RowFilter policy;
    private final RowFilter filter;
    private final RowFilter rows;
    private final List<String> columns;
    private final String text;

    private final Rendering whole;
    private final Rendering entered;
    private final Rendering withoutOld;
    private final Rendering left;

    // Of the newest shape; a resource's rows share one until its table is changed.
    private @Nullable RowShape shape;
    private @Nullable RowPredicate policyOfShape;
    private @Nullable RowPredicate filterOfShape;

    /** Whether a row is in view. */
    private enum Sight {
        SEEN,
        HIDDEN,
        /** The policy shows it, and whether the filter does is not in the log. */
        FILTER_UNDECIDED,
        /** The policy might hide it, the log does not say. */
        POLICY_UNDECIDED
    }

    /**
     * @param policy the rows that the user may see; without attributes
     * @param filter the rows that it wants
     * @param columns what it wants of them; empty for all
     * @throws IllegalArgumentException with a sentence if both together exceed a limit of filters
     */
    public View(RowFilter policy, RowFilter filter, List<String> columns) {
        this.policy = policy;
        this.filter = filter;
        this.rows = RowFilter.and(List.of(policy, filter));
        this.columns = columns.stream().distinct().sorted().toList();
        this.text = policy.text() + filter.text() + this.columns;
        this.whole = rendering(Form.WHOLE);
        this.entered = rendering(Form.ENTERED);
        this.withoutOld = rendering(Form.WITHOUT_OLD);
        this.left = rendering(Form.LEFT);
    }

    private Rendering rendering(Form form) {
        return columns.isEmpty() ? Rendering.ofAllColumns(form) : new Rendering(form, columns);
    }

    /** The rows that the user may see. */
    public RowFilter policy() {
        return policy;
    }

    /** The rows that the subscriber wants. */
    public RowFilter filter() {
        return filter;
    }

    /** The rows that are shown: those that it may see, and wants. */
    public RowFilter rows() {
        return rows;
    }

    /** What is shown of them, sorted; empty for all columns. */
    public List<String> columns() {
        return columns;
    }

    /**
     * How a change is shown.
     *
     * @throws InvalidFilterException if the rows do not have what policy or filter ask for: the table was changed
     */
    public Rendering show(DataChangeEvent event) throws InvalidFilterException {
        if (rows.equals(RowFilter.ALL)) {
            return whole;
        }
        if (policy.equals(NO_ROW)) {
            return Rendering.NOTHING;
        }
        Row data = event.data();
        Row old = event.old();
        return switch (event.operation()) {
            case CREATE -> data == null ? Rendering.NOTHING : created(sight(data, null));
            case UPDATE -> data == null ? Rendering.NOTHING : updated(old, sight(data, old), sightOfOld(old, data));
            case DELETE -> old == null ? deleted(Sight.POLICY_UNDECIDED) : deleted(sight(old, null));
            case TRUNCATE -> whole;
        };
    }

    private Rendering created(Sight now) {
        return switch (now) {
            case SEEN -> whole;
            case HIDDEN -> Rendering.NOTHING;
            case FILTER_UNDECIDED, POLICY_UNDECIDED -> Rendering.UNDECIDED;
        };
    }

    private Rendering updated(@Nullable Row old, Sight now, Sight before) {
        return switch (now) {
            case SEEN ->
                switch (before) {
                    case SEEN, FILTER_UNDECIDED -> whole;
                    case HIDDEN -> entered;
                    case POLICY_UNDECIDED -> old == null ? whole : withoutOld;
                };
            case HIDDEN ->
                switch (before) {
                    case SEEN, FILTER_UNDECIDED -> left;
                    case HIDDEN -> Rendering.NOTHING;
                    case POLICY_UNDECIDED -> Rendering.UNDECIDED;
                };
            case FILTER_UNDECIDED, POLICY_UNDECIDED -> before == Sight.SEEN ? left : Rendering.UNDECIDED;
        };
    }

    private Rendering deleted(Sight before) {
        return switch (before) {
            case SEEN -> whole;
            case FILTER_UNDECIDED -> left;
            case HIDDEN -> Rendering.NOTHING;
            case POLICY_UNDECIDED -> Rendering.UNDECIDED;
        };
    }

    private Sight sightOfOld(@Nullable Row old, Row data) throws InvalidFilterException {
        // Without a row nothing is known of any column; a view that depends on none is decided all the same.
        return sight(
                old == null
                        ? new Row(
                                data.shape(), new String[data.shape().columns().size()])
                        : old,
                null);
    }

    private Sight sight(Row row, @Nullable Row completion) throws InvalidFilterException {
        Row judged = completion == null ? row : row.completedBy(completion);
        compile(judged.shape());
        RowPredicate policyNow = policyOfShape;
        RowPredicate filterNow = filterOfShape;
        if (policyNow == null || filterNow == null) {
            throw new IllegalStateException("compiled, and not there");
        }
        Truth wanted = filterNow.evaluate(judged);
        if (wanted == Truth.FALSE || wanted == Truth.UNKNOWN) {
            return Sight.HIDDEN;
        }
        return switch (policyNow.evaluate(judged)) {
            case TRUE -> wanted == Truth.TRUE ? Sight.SEEN : Sight.FILTER_UNDECIDED;
            case FALSE, UNKNOWN -> Sight.HIDDEN;
            case NOT_IN_LOG -> Sight.POLICY_UNDECIDED;
        };
    }

    private void compile(RowShape now) throws InvalidFilterException {
        if (now != shape) {
            checkPolicy(now);
            policyOfShape = RowPredicate.of(policy, now);
            filterOfShape = RowPredicate.of(filter, now);
            shape = now;
        }
    }

    /**
     * Whether the policy fits a table.
     *
     * @throws InvalidFilterException if not, with a sentence that tells nothing of the policy: it is not the subscriber's
     */
    public void checkPolicy(RowShape table) throws InvalidFilterException {
        try {
            policy.check(table);
        } catch (InvalidFilterException e) {
            throw new InvalidFilterException("the server's rules for its rows do not fit the table; its log says why");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof View view && text.equals(view.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
