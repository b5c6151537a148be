package dev.rowtide.gateway.auth;

import dev.rowtide.feed.filter.RowFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Who may see which rows of one resource: {@code read} in the configuration. A user sees the rows of all rules that are for it together; whom no rule is for sees none.
 */
public record ReadPolicy(List<Rule> rules) {

    /** Everybody sees everything: what holds for a resource without a policy. */
    public static final ReadPolicy OPEN = new ReadPolicy(List.of(new Rule(Set.of(), RowFilter.ALL)));

    /**
     * @param roles whom the rule is for: holders of any of them; empty for everybody
     * @param where the rows that it shows; may ask about the user
     */
    public record Rule(Set<String> roles, RowFilter where) {
        public Rule {
            roles = Set.copyOf(roles);
        }

        /** Whether the rule is for that user. */
        public boolean isFor(Identity identity) {
            return roles.isEmpty() || !Collections.disjoint(roles, identity.roles());
        }
    }

    public ReadPolicy {
        rules = List.copyOf(rules);
    }

    /**
     * The rows that a user sees, as a filter without attributes. Users who see the same rows for the same reason get equal ones.
     *
     * @throws IllegalArgumentException with a sentence if it exceeds a limit of filters, which lists among the user's claims can make it
     */
    public RowFilter of(Identity identity) {
        List<RowFilter> shown = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.isFor(identity)) {
                shown.add(rule.where().bind(identity.attributes()));
            }
        }
        return RowFilter.or(shown);
    }
}
