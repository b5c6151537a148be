package dev.rowtide.feed.filter;

import java.util.List;

/** What the records of {@link RowFilter} have in common. */
final class Members {
    private Members() {}

    /** The members of an AND, OR or NOT, if that stays within the limits. */
    static List<RowFilter> limited(List<RowFilter> members) {
        require(depth(members), RowFilter.MAX_DEPTH, "ANDs, ORs and NOTs in each other");
        require(nodes(members), RowFilter.MAX_NODES, "conditions, ANDs, ORs and NOTs");
        require(values(members), RowFilter.MAX_VALUES, "values");
        return List.copyOf(members);
    }

    private static void require(int count, int limit, String what) {
        if (count > limit) {
            throw new IllegalArgumentException(
                    "a filter has at most " + limit + ' ' + what + ", this one has more: use several subscriptions");
        }
    }

    static int depth(List<RowFilter> members) {
        return 1 + members.stream().mapToInt(RowFilter::depth).max().orElse(0);
    }

    static int nodes(List<RowFilter> members) {
        return 1 + members.stream().mapToInt(RowFilter::nodes).sum();
    }

    static int values(List<RowFilter> members) {
        return members.stream().mapToInt(RowFilter::values).sum();
    }

    static String text(String operator, List<RowFilter> members) {
        StringBuilder json = new StringBuilder("{\"").append(operator).append("\":[");
        for (int i = 0; i < members.size(); i++) {
            json.append(i == 0 ? "" : ",").append(members.get(i).text());
        }
        return json.append("]}").toString();
    }

    static String condition(String column, String operator, String valueJson) {
        return '{' + JsonScalar.quote(column) + ":{\"" + operator + "\":" + valueJson + "}}";
    }

    /** Adds what a member of {@code in} stands for: the members of a list, unknown for what the user does not have. */
    static void bind(FilterValue member, UserAttributes attributes, List<FilterValue> bound) {
        if (!(member instanceof FilterValue.Attribute attribute)) {
            bound.add(member);
            return;
        }
        FilterValue.Literal single = attributes.single().get(attribute.name());
        List<FilterValue.Literal> list = attributes.lists().get(attribute.name());
        if (single != null) {
            bound.add(new FilterValue.Bound(single));
        } else if (list != null) {
            list.forEach(value -> bound.add(new FilterValue.Bound(value)));
        } else {
            bound.add(new FilterValue.Unknown());
        }
    }
}
