package dev.rowtide.feed.filter;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of a user, for {@link RowFilter#bind}.
 *
 * @param single attributes with one value
 * @param lists attributes that are lists; they can only stand in {@code in} and {@code notIn}
 */
public record UserAttributes(Map<String, FilterValue.Literal> single, Map<String, List<FilterValue.Literal>> lists) {
    public UserAttributes {
        single = Map.copyOf(single);
        Map<String, List<FilterValue.Literal>> copies = new TreeMap<>();
        lists.forEach((name, values) -> copies.put(name, List.copyOf(values)));
        lists = Map.copyOf(copies);
    }
}
