package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A filter made ready for the rows of one shape: for each of them it says what the database's own WHERE says. Immutable and thread-safe.
 *
 * <p>Inside, a condition's outcome is a set of outcomes: a column that the log does not hold may have any value, so its conditions may come out any way. Sets combine without loss, and only at the end one
 * sees whether the missing value mattered. (Two conditions on the same missing column count as independent: at worst {@link Truth#NOT_IN_LOG} is said where the two would have excluded each other.)
 */
public final class RowPredicate {
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int UNKNOWN = 4;
    private static final int ANY = TRUE | FALSE | UNKNOWN;

    private final RowShape shape;
    private final Node root;

    private RowPredicate(RowShape shape, Node root) {
        this.shape = shape;
        this.root = root;
    }

    /**
     * @param filter without attributes: {@link RowFilter#bind} comes first
     * @throws InvalidFilterException if a column does not exist or cannot be compared like that, or a literal is not of its type
     * @throws IllegalArgumentException if it has attributes
     */
    public static RowPredicate of(RowFilter filter, RowShape shape) throws InvalidFilterException {
        return new RowPredicate(shape, node(filter.resolve(shape), shape));
    }

    /**
     * Decides about a row.
     *
     * @throws IllegalArgumentException if the row is of another shape
     */
    public Truth evaluate(Row row) {
        if (row.shape() != shape && !row.shape().equals(shape)) {
            throw new IllegalArgumentException("a row with the columns "
                    + row.shape().columns() + " for a filter on " + shape.columns()
                    + ", or of other types: make a predicate of the row's shape");
        }
        int outcomes = root.outcomes(row);
        if (outcomes == TRUE) {
            return Truth.TRUE;
        } else if ((outcomes & TRUE) != 0) {
            return Truth.NOT_IN_LOG;
        }
        return outcomes == FALSE ? Truth.FALSE : Truth.UNKNOWN;
    }

    /** The rows for which it is made. */
    public RowShape shape() {
        return shape;
    }

    private interface Node {
        int outcomes(Row row);
    }

    private static Node node(RowFilter filter, RowShape shape) {
        if (filter instanceof RowFilter.And and) {
            Node[] members = nodes(and.members(), shape);
            return row -> {
                int outcomes = TRUE;
                for (int i = 0; i < members.length && outcomes != FALSE; i++) {
                    outcomes = both(outcomes, members[i].outcomes(row));
                }
                return outcomes;
            };
        } else if (filter instanceof RowFilter.Or or) {
            Node[] members = nodes(or.members(), shape);
            return row -> {
                int opposite = TRUE;
                for (int i = 0; i < members.length && opposite != FALSE; i++) {
                    opposite = both(opposite, not(members[i].outcomes(row)));
                }
                return not(opposite);
            };
        } else if (filter instanceof RowFilter.Not not) {
            Node member = node(not.member(), shape);
            return row -> not(member.outcomes(row));
        } else if (filter instanceof RowFilter.Comparison comparison) {
            int column = shape.columns().indexOf(comparison.column());
            return comparison(column, comparison, ValueOrder.of(shape.types().get(column)));
        } else if (filter instanceof RowFilter.In in) {
            int column = shape.columns().indexOf(in.column());
            return in(column, in, ValueOrder.of(shape.types().get(column)));
        } else if (filter instanceof RowFilter.Like like) {
            return like(shape.columns().indexOf(like.column()), like, shape);
        } else if (filter instanceof RowFilter.IsNull isNull) {
            int column = shape.columns().indexOf(isNull.column());
            return row -> {
                String json = row.json(column);
                return json == null ? TRUE | FALSE : JsonScalar.isNull(json) ? TRUE : FALSE;
            };
        }
        return row -> TRUE;
    }

    private static Node[] nodes(List<RowFilter> members, RowShape shape) {
        return members.stream().map(member -> node(member, shape)).toArray(Node[]::new);
    }

    private static <C> Node comparison(int column, RowFilter.Comparison comparison, ValueOrder<C> order) {
        FilterValue.Literal literal = literal(comparison.value());
        if (literal == null) {
            return row -> UNKNOWN;
        }
        C constant = order.constant(literal);
        return switch (comparison.operator()) {
            case EQ -> of(column, (row, json) -> order.equal(row, column, json, constant));
            case NE -> of(column, (row, json) -> !order.equal(row, column, json, constant));
            case GT, GTE, LT, LTE ->
                of(column, (row, json) -> comparison.operator().holds(order.compare(row, column, json, constant)));
        };
    }

    private static <C> Node in(int column, RowFilter.In in, ValueOrder<C> order) {
        Set<Object> keys = new HashSet<>();
        boolean withUnknown = false;
        for (FilterValue member : in.members()) {
            FilterValue.Literal literal = literal(member);
            if (literal == null) {
                withUnknown = true;
            } else {
                keys.add(order.key(order.constant(literal)));
            }
        }
        if (keys.isEmpty()) {
            int outcome = withUnknown ? UNKNOWN : FALSE;
            return row -> outcome;
        }
        Node found = of(column, (row, json) -> keys.contains(order.key(row, column, json)));
        // To equal none of the members that are known is to be unknown, then.
        return withUnknown ? row -> withoutFalse(found.outcomes(row)) : found;
    }

    private static int withoutFalse(int outcomes) {
        return (outcomes & FALSE) == 0 ? outcomes : (outcomes & TRUE) | UNKNOWN;
    }

    private static Node like(int column, RowFilter.Like like, RowShape shape) {
        if (shape.types().get(column) instanceof ColumnType.Dynamic) {
            LikePattern pattern = LikePattern.of(like.pattern(), true);
            return of(column, (row, json) -> {
                StorageClass storageClass = row.storageClass(column);
                if (storageClass == null ? !JsonScalar.isString(json) : storageClass != StorageClass.TEXT) {
                    return false;
                }
                // SQLite reads up to the first NUL.
                String text = JsonScalar.decode(json);
                int end = text.indexOf('\0');
                return pattern.matches(end < 0 ? text : text.substring(0, end));
            });
        }
        LikePattern pattern = LikePattern.of(like.pattern(), false);
        return of(column, (row, json) -> pattern.matches(JsonScalar.decode(json)));
    }

    /** Null for what is unknown. */
    private static FilterValue.@Nullable Literal literal(FilterValue value) {
        if (value instanceof FilterValue.Attribute attribute) {
            throw new IllegalArgumentException("the attribute " + attribute.name() + " was not bound");
        }
        return value instanceof FilterValue.Literal literal ? literal : null;
    }

    private interface Condition {
        /** @param json the column's JSON, which is not null */
        boolean holds(Row row, String json);
    }

    private static Node of(int column, Condition condition) {
        return row -> {
            String json = row.json(column);
            if (json == null) {
                return ANY;
            }
            return JsonScalar.isNull(json) ? UNKNOWN : condition.holds(row, json) ? TRUE : FALSE;
        };
    }

    private static int both(int left, int right) {
        int outcomes = left & right & TRUE | (left | right) & FALSE;
        boolean leftUnknown = (left & UNKNOWN) != 0 && (right & (TRUE | UNKNOWN)) != 0;
        boolean rightUnknown = (right & UNKNOWN) != 0 && (left & (TRUE | UNKNOWN)) != 0;
        return leftUnknown || rightUnknown ? outcomes | UNKNOWN : outcomes;
    }

    private static int not(int outcomes) {
        return outcomes & UNKNOWN | (outcomes & TRUE) << 1 | (outcomes & FALSE) >> 1;
    }
}
