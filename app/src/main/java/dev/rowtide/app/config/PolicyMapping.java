package dev.rowtide.app.config;

import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who may see which rows: from {@code read} of the resources to policies. Whatever is unclear is a problem, and never more rows for somebody. */
final class PolicyMapping {
    private final Settings settings;
    private final Problems problems;

    PolicyMapping(Settings settings, Problems problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /** The policies of those resources that have one. */
    Map<String, ReadPolicy> map() {
        Map<String, ReadPolicy> policies = new TreeMap<>();
        for (Settings.Element resource : settings.elements("resources")) {
            String path = resource.path() + ".read";
            if (settings.hasElements(path)) {
                policies.put(resource.name(), policy(resource, path));
            }
        }
        return policies;
    }

    private ReadPolicy policy(Settings.Element resource, String path) {
        List<ReadPolicy.Rule> rules = new ArrayList<>();
        for (Settings.Element element : settings.elements(path)) {
            rules.add(rule(resource, element));
        }
        try {
            // Somebody may be whom all rules are for.
            RowFilter.or(rules.stream().map(ReadPolicy.Rule::where).toList());
        } catch (IllegalArgumentException e) {
            problems.add(resource.origin(), path, "all rules together: " + e.getMessage());
        }
        return new ReadPolicy(rules);
    }

    private ReadPolicy.Rule rule(Settings.Element resource, Settings.Element element) {
        List<String> roles = settings.find(Options.READ_ROLES, element);
        RowFilter where = settings.find(Options.READ_WHERE, element);
        boolean hasRoles = settings.has(Options.READ_ROLES, element);
        if (!hasRoles && !settings.has(Options.READ_WHERE, element)) {
            problems.add(
                    element.origin(),
                    element.path(),
                    "has neither 'roles' nor 'where'. Give it one of them; 'where: {}' shows all rows to everybody");
        }
        if (hasRoles && roles != null && roles.isEmpty()) {
            problems.add(
                    settings.origin(Options.READ_ROLES, element),
                    element.path() + '.' + Options.READ_ROLES.name(),
                    "is empty. List whom the rule is for, or leave it out if that is everybody");
        }
        if (where != null) {
            checkColumns(resource, element, where);
        }
        return new ReadPolicy.Rule(roles == null ? Set.of() : Set.copyOf(roles), where == null ? RowFilter.ALL : where);
    }

    /** Rules see rows as they leave the engine: without the excluded columns. */
    private void checkColumns(Settings.Element resource, Settings.Element element, RowFilter where) {
        SortedSet<String> excluded = new TreeSet<>(settings.get(Options.RESOURCE_EXCLUDE_COLUMNS, resource));
        excluded.retainAll(where.columns());
        for (String column : excluded) {
            problems.add(
                    settings.origin(Options.READ_WHERE, element),
                    element.path() + '.' + Options.READ_WHERE.name(),
                    "looks at column '" + column
                            + "', which 'exclude-columns' takes out of every row before rules see it. Take it out there, or decide by another column");
        }
    }
}
