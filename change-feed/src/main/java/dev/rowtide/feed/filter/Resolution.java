package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.RowShape;
import java.util.ArrayList;
import java.util.List;

/** A filter held against the columns that there are: {@link RowFilter#resolve}. */
final class Resolution {
    private final RowShape shape;

    private Resolution(RowShape shape) {
        this.shape = shape;
    }

    static RowFilter of(RowFilter filter, RowShape shape) throws InvalidFilterException {
        return new Resolution(shape).resolved(filter);
    }

    private RowFilter resolved(RowFilter filter) throws InvalidFilterException {
        if (filter instanceof RowFilter.And and) {
            return RowFilter.and(all(and.members()));
        } else if (filter instanceof RowFilter.Or or) {
            return RowFilter.or(all(or.members()));
        } else if (filter instanceof RowFilter.Not not) {
            return RowFilter.not(resolved(not.member()));
        } else if (filter instanceof RowFilter.Comparison comparison) {
            return comparison(comparison);
        } else if (filter instanceof RowFilter.In in) {
            return in(in);
        } else if (filter instanceof RowFilter.Like like) {
            ColumnType type = comparable(like.column());
            if (!hasTexts(type)) {
                throw notOffered(like.column(), type, "like", "it is for texts");
            }
        } else if (filter instanceof RowFilter.IsNull isNull) {
            type(isNull.column());
        }
        return filter;
    }

    private List<RowFilter> all(List<RowFilter> members) throws InvalidFilterException {
        List<RowFilter> resolved = new ArrayList<>(members.size());
        for (RowFilter member : members) {
            resolved.add(resolved(member));
        }
        return resolved;
    }

    private RowFilter comparison(RowFilter.Comparison comparison) throws InvalidFilterException {
        String column = comparison.column();
        ColumnType type = comparable(column);
        if (type == Typed.ENUM && comparison.operator().ordering()) {
            throw notOffered(column, type, comparison.operator().wireName(), "use eq, ne, in, notIn or isNull");
        }
        return RowFilter.compare(column, comparison.operator(), value(column, type, comparison.value()));
    }

    private RowFilter in(RowFilter.In in) throws InvalidFilterException {
        ColumnType type = comparable(in.column());
        List<FilterValue> members = new ArrayList<>(in.members().size());
        for (FilterValue member : in.members()) {
            members.add(value(in.column(), type, member));
        }
        return RowFilter.in(in.column(), members);
    }

    /** The value in the column's form; unknown for a bound one that has none. Attributes stay. */
    static FilterValue value(String column, ColumnType type, FilterValue value) throws InvalidFilterException {
        if (value instanceof FilterValue.Literal literal) {
            return Coercion.fit(column, type, literal);
        } else if (value instanceof FilterValue.Bound bound) {
            try {
                FilterValue.Literal fit = Coercion.fit(column, type, bound.value());
                return isLiterally(fit, bound.value()) ? fit : new FilterValue.Unknown();
            } catch (InvalidFilterException e) {
                // Nobody wrote it there: the column is never equal to it, and nothing may follow from that.
                return new FilterValue.Unknown();
            }
        }
        return value;
    }

    /** Who writes "007" in a filter means 7, but a user who is called 007 is not the one who is called 7. */
    private static boolean isLiterally(FilterValue.Literal fit, FilterValue.Literal given) {
        if (given instanceof FilterValue.Text text && fit instanceof FilterValue.Number number) {
            return number.value().toPlainString().equals(text.value());
        }
        return !(given instanceof FilterValue.Text) || fit.equals(given);
    }

    private static boolean hasTexts(ColumnType type) {
        return type == Typed.TEXT
                || type == Typed.PADDED_TEXT
                || type instanceof Dynamic dynamic
                        && (dynamic.affinity() == Affinity.TEXT
                                || dynamic.affinity() == Affinity.NUMERIC
                                || dynamic.affinity() == Affinity.NONE);
    }

    private ColumnType comparable(String column) throws InvalidFilterException {
        ColumnType type = type(column);
        if (type instanceof Opaque) {
            throw new InvalidFilterException("column \"" + column + "\" is " + type.description()
                    + ", which filters cannot compare: only isNull is offered for it");
        }
        return type;
    }

    private ColumnType type(String column) throws InvalidFilterException {
        int index = shape.columns().indexOf(column);
        if (index < 0) {
            throw new InvalidFilterException(
                    "there is no column \"" + column + "\": " + NearestNames.sentence(column, shape.columns()));
        }
        return shape.types().get(index);
    }

    private static InvalidFilterException notOffered(String column, ColumnType type, String operator, String instead) {
        return new InvalidFilterException('"' + operator + "\" is not offered for column \"" + column + "\", which is "
                + type.description() + ": " + instead);
    }
}
