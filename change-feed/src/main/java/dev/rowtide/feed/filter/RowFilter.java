package dev.rowtide.feed.filter;

import dev.rowtide.feed.RowShape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A condition on the columns of a row, with SQL's three-valued logic. Immutable.
 *
 * <p>What means the same at a glance is equal and has the same {@link #text}: the order of the members of AND, OR and {@code in} does not count, nor do repeated members, ANDs in ANDs, double negations,
 * 1.0 for 1, and {@code in} with one member for {@code eq}. Filters are made by the static methods, which see to that; the records are for taking them apart.
 *
 * <p>No filter exceeds the limits that stand here, however it was made: whoever walks through one may recurse.
 */
public sealed interface RowFilter {
    /** How deep AND, OR and NOT may stand in each other. */
    int MAX_DEPTH = 20;
    /** How many conditions, ANDs, ORs and NOTs there may be. */
    int MAX_NODES = 500;
    /** How many members one {@code in} may have. */
    int MAX_MEMBERS = 1_000;
    /** How many values all conditions may have together. */
    int MAX_VALUES = 2_000;
    /** Characters of one text. */
    int MAX_TEXT = 4_000;
    /** Characters of a pattern: the work for a row is its length times the text's. */
    int MAX_PATTERN = 200;

    /** Holds for every row. */
    RowFilter ALL = new All();

    /** Canonical JSON: equal filters have equal texts. */
    String text();

    /** How deep ANDs, ORs and NOTs stand in each other; 0 without any. */
    default int depth() {
        return 0;
    }

    /** How many conditions, ANDs, ORs and NOTs there are. */
    default int nodes() {
        return 1;
    }

    /** How many values all conditions have together. */
    default int values() {
        return 1;
    }

    record All() implements RowFilter {
        @Override
        public String text() {
            return "{}";
        }
    }

    /** @param members two or more, sorted by their text */
    record And(List<RowFilter> members) implements RowFilter {
        public And {
            members = Members.limited(members);
        }

        @Override
        public String text() {
            return Members.text("AND", members);
        }

        @Override
        public int depth() {
            return Members.depth(members);
        }

        @Override
        public int nodes() {
            return Members.nodes(members);
        }

        @Override
        public int values() {
            return Members.values(members);
        }
    }

    /** @param members two or more, sorted by their text */
    record Or(List<RowFilter> members) implements RowFilter {
        public Or {
            members = Members.limited(members);
        }

        @Override
        public String text() {
            return Members.text("OR", members);
        }

        @Override
        public int depth() {
            return Members.depth(members);
        }

        @Override
        public int nodes() {
            return Members.nodes(members);
        }

        @Override
        public int values() {
            return Members.values(members);
        }
    }

    record Not(RowFilter member) implements RowFilter {
        public Not {
            member = Members.limited(List.of(member)).get(0);
        }

        @Override
        public String text() {
            return "{\"NOT\":" + member.text() + '}';
        }

        @Override
        public int depth() {
            return member.depth() + 1;
        }

        @Override
        public int nodes() {
            return member.nodes() + 1;
        }

        @Override
        public int values() {
            return member.values();
        }
    }

    record Comparison(String column, Operator operator, FilterValue value) implements RowFilter {
        @Override
        public String text() {
            return Members.condition(column, operator.wireName(), value.text());
        }
    }

    /** @param members sorted by their text; none at all is never true */
    record In(String column, List<FilterValue> members) implements RowFilter {
        public In {
            if (members.size() > MAX_MEMBERS) {
                throw new IllegalArgumentException("\"in\" has at most " + MAX_MEMBERS + " members, that of column \""
                        + column + "\" has " + members.size() + ": use several subscriptions");
            }
            members = List.copyOf(members);
        }

        @Override
        public String text() {
            StringBuilder json = new StringBuilder("[");
            members.forEach(member -> json.append(json.length() > 1 ? "," : "").append(member.text()));
            return Members.condition(column, "in", json.append(']').toString());
        }

        @Override
        public int values() {
            return members.size();
        }
    }

    /** @param pattern {@code %} for any characters, {@code _} for one, {@code \} before one of the three for itself */
    record Like(String column, String pattern) implements RowFilter {
        public Like {
            if (pattern.length() > MAX_PATTERN) {
                throw new IllegalArgumentException("a pattern has at most " + MAX_PATTERN
                        + " characters, that for column \"" + column + "\" has " + pattern.length());
            }
            LikePattern.check(column, pattern);
        }

        @Override
        public String text() {
            return Members.condition(column, "like", JsonScalar.quote(pattern));
        }
    }

    record IsNull(String column) implements RowFilter {
        @Override
        public String text() {
            return Members.condition(column, "isNull", "true");
        }
    }

    /**
     * All of these; of none: every row.
     *
     * @throws IllegalArgumentException with a sentence if it exceeds a limit
     */
    static RowFilter and(Collection<RowFilter> filters) {
        Map<String, RowFilter> members = new TreeMap<>();
        for (RowFilter filter : filters) {
            if (filter instanceof And and) {
                and.members().forEach(member -> members.put(member.text(), member));
            } else if (!filter.equals(ALL)) {
                members.put(filter.text(), filter);
            }
        }
        return switch (members.size()) {
            case 0 -> ALL;
            case 1 -> members.values().iterator().next();
            default -> new And(List.copyOf(members.values()));
        };
    }

    /**
     * One of these at least; of none: no row.
     *
     * @throws IllegalArgumentException with a sentence if it exceeds a limit
     */
    static RowFilter or(Collection<RowFilter> filters) {
        Map<String, RowFilter> members = new TreeMap<>();
        for (RowFilter filter : filters) {
            if (filter instanceof Or or) {
                or.members().forEach(member -> members.put(member.text(), member));
            } else if (filter.equals(ALL)) {
                return ALL;
            } else {
                members.put(filter.text(), filter);
            }
        }
        return switch (members.size()) {
            case 0 -> new Not(ALL);
            case 1 -> members.values().iterator().next();
            default -> new Or(List.copyOf(members.values()));
        };
    }

    /**
     * The opposite; of what is unknown it is unknown.
     *
     * @throws IllegalArgumentException with a sentence if it exceeds a limit
     */
    static RowFilter not(RowFilter filter) {
        if (filter instanceof Not not) {
            return not.member();
        }
        if (filter instanceof Comparison c && !c.operator().ordering()) {
            return new Comparison(c.column(), c.operator() == Operator.EQ ? Operator.NE : Operator.EQ, c.value());
        }
        return new Not(filter);
    }

    /** Compares a column with a value. */
    static RowFilter compare(String column, Operator operator, FilterValue value) {
        return new Comparison(column, operator, value);
    }

    /**
     * Whether a column equals one of these.
     *
     * @throws IllegalArgumentException with a sentence if there are more than {@link #MAX_MEMBERS}
     */
    static RowFilter in(String column, Collection<FilterValue> values) {
        Map<String, FilterValue> members = new TreeMap<>();
        values.forEach(value -> members.put(value.text(), value));
        if (members.size() == 1) {
            FilterValue only = members.values().iterator().next();
            // An attribute may turn out to be a list.
            if (!(only instanceof FilterValue.Attribute)) {
                return new Comparison(column, Operator.EQ, only);
            }
        }
        return new In(column, List.copyOf(members.values()));
    }

    /** Whether a column's text matches a pattern. */
    static RowFilter like(String column, String pattern) {
        return new Like(column, pattern);
    }

    /** Whether a column is NULL, which is never unknown. */
    static RowFilter isNull(String column) {
        return new IsNull(column);
    }

    /**
     * The same without attributes. One that the user does not have makes its comparison unknown, and so does a list that stands anywhere but in {@code in} and {@code notIn}.
     *
     * @throws IllegalArgumentException with a sentence if a list is so long that a limit is exceeded
     */
    default RowFilter bind(UserAttributes attributes) {
        return rewrite(condition -> {
            if (condition instanceof Comparison c && c.value() instanceof FilterValue.Attribute attribute) {
                FilterValue.Literal value = attributes.single().get(attribute.name());
                return new Comparison(
                        c.column(),
                        c.operator(),
                        value == null ? new FilterValue.Unknown() : new FilterValue.Bound(value));
            }
            if (condition instanceof In in) {
                List<FilterValue> members = new ArrayList<>();
                in.members().forEach(member -> Members.bind(member, attributes, members));
                return in(in.column(), members);
            }
            return condition;
        });
    }

    /** Whether it has attributes, so that it cannot be decided before {@link #bind}. */
    default boolean hasAttributes() {
        boolean[] found = new boolean[1];
        rewrite(condition -> {
            found[0] |= condition instanceof Comparison c && c.value() instanceof FilterValue.Attribute;
            found[0] |= condition instanceof In in
                    && in.members().stream().anyMatch(FilterValue.Attribute.class::isInstance);
            return condition;
        });
        return found[0];
    }

    /** The columns that it looks at, sorted. */
    default SortedSet<String> columns() {
        SortedSet<String> columns = new TreeSet<>();
        rewrite(condition -> {
            if (condition instanceof Comparison comparison) {
                columns.add(comparison.column());
            } else if (condition instanceof In in) {
                columns.add(in.column());
            } else if (condition instanceof Like like) {
                columns.add(like.column());
            } else if (condition instanceof IsNull isNull) {
                columns.add(isNull.column());
            }
            return condition;
        });
        return Collections.unmodifiableSortedSet(columns);
    }

    /**
     * Holds it against the columns that there are.
     *
     * @return the same with each value in the one form that the column's type has for it; bound values that the column cannot have are unknown. Attributes stay
     * @throws InvalidFilterException if a column does not exist or cannot be compared like that, or a literal is not of its type
     */
    default RowFilter resolve(RowShape shape) throws InvalidFilterException {
        return Resolution.of(this, shape);
    }

    /**
     * The same, for its errors only.
     *
     * @throws InvalidFilterException if a column does not exist or cannot be compared like that, or a literal is not of its type
     */
    default void check(RowShape shape) throws InvalidFilterException {
        Resolution.of(this, shape);
    }

    /**
     * Equalities of which at least one holds for every row that passes: to find the filters that a row may pass without trying all. Of several such sets the smallest; an empty one if no row
     * passes, and nothing if there is no such set.
     */
    default Optional<List<Comparison>> anchors() {
        if (this instanceof Comparison c && c.operator() == Operator.EQ) {
            return Optional.of(c.value() instanceof FilterValue.Unknown ? List.of() : List.of(c));
        } else if (this instanceof In in) {
            return Optional.of(in.members().stream()
                    .filter(member -> !(member instanceof FilterValue.Unknown))
                    .map(member -> new Comparison(in.column(), Operator.EQ, member))
                    .toList());
        } else if (this instanceof And and) {
            return and.members().stream()
                    .flatMap(member -> member.anchors().stream())
                    .min(Comparator.comparingInt(List::size));
        } else if (this instanceof Or or) {
            List<Comparison> all = new ArrayList<>();
            for (RowFilter member : or.members()) {
                Optional<List<Comparison>> some = member.anchors();
                if (some.isEmpty()) {
                    return Optional.empty();
                }
                all.addAll(some.get());
            }
            return Optional.of(all);
        }
        return this instanceof Not not && not.member().equals(ALL) ? Optional.of(List.of()) : Optional.empty();
    }

    /** The same with other conditions. */
    private RowFilter rewrite(UnaryOperator<RowFilter> conditions) {
        if (this instanceof And and) {
            return and(and.members().stream()
                    .map(member -> member.rewrite(conditions))
                    .toList());
        }
        if (this instanceof Or or) {
            return or(or.members().stream()
                    .map(member -> member.rewrite(conditions))
                    .toList());
        }
        if (this instanceof Not not) {
            return not(not.member().rewrite(conditions));
        }
        return conditions.apply(this);
    }
}
