package dev.rowtide.cdc;

import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A condition in the configuration by which somebody decides who is shown which rows. The engine decides nothing by it; it says whether the database has what it takes.
 *
 * @param key where it stands, for people: {@code resources.post.read[0].where}
 * @param resource the public name of the resource whose rows it is about
 * @param filter may have attributes of users
 */
public record RowCondition(String key, String resource, RowFilter filter) {

    /** Why it cannot be decided for rows of that shape, in a sentence; empty if it can. */
    public Optional<String> problem(RowShape shape) {
        try {
            filter.check(shape);
            return Optional.empty();
        } catch (InvalidFilterException e) {
            return Optional.of(e.sentence());
        }
    }

    /** Those that do not fit, each as a finding. A condition on a resource without a shape is left out: what is the matter with its table is another finding. */
    public static List<Finding> examine(List<RowCondition> conditions, Map<String, RowShape> shapes) {
        List<Finding> findings = new ArrayList<>();
        for (RowCondition condition : conditions) {
            RowShape shape = shapes.get(condition.resource());
            if (shape != null) {
                condition.problem(shape).ifPresent(problem -> findings.add(Finding.error(condition.key(), problem)));
            }
        }
        return findings;
    }
}
