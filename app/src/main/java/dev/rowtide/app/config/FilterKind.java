package dev.rowtide.app.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.protocol.FilterParser;
import org.jspecify.annotations.Nullable;

/** A filter as clients write it, in YAML: quoted values are strings, others what they look like in JSON. It may have attributes of users. */
record FilterKind() implements Kind<RowFilter> {
    private static final FilterParser PARSER = FilterParser.ofPolicies();
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public @Nullable RowFilter read(ConfigTree given, String key, Problems problems) {
        if (given instanceof ConfigTree.Scalar scalar && scalar.isEmpty()) {
            // Not {}: who has commented the conditions out does not mean that everybody sees all rows.
            problems.add(given.origin(), key, "has no value. Allowed: " + allowed());
            return null;
        }
        if (!(given instanceof ConfigTree.Section section)) {
            mismatch(given, key, problems);
            return null;
        }
        if (hasBroken(section)) {
            return null;
        }
        try {
            return PARSER.parse(JSON.writeValueAsString(FreeKind.map(section)));
        } catch (InvalidFilterException e) {
            problems.add(given.origin(), key, e.sentence());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts, numbers, lists and sections is always JSON", e);
        }
        return null;
    }

    @Override
    public String allowed() {
        return "a filter such as `{author_id: {eq: $user.id}}`";
    }

    @Override
    public String write(RowFilter value) {
        return value.text();
    }

    @Override
    public @Nullable ConfigTree ofText(String text, Origin origin) {
        return null;
    }

    private static boolean hasBroken(ConfigTree tree) {
        if (tree instanceof ConfigTree.Section section) {
            return section.entries().stream().anyMatch(entry -> hasBroken(entry.value()));
        }
        if (tree instanceof ConfigTree.Items items) {
            return items.items().stream().anyMatch(FilterKind::hasBroken);
        }
        return tree instanceof ConfigTree.Broken;
    }
}
