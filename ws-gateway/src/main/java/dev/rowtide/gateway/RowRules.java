package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.ReadPolicy;
import dev.rowtide.gateway.view.View;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a subscription shows of a resource: the rows that the user may see, of these the ones that it wants, and of those the columns that it wants. Immutable and thread-safe. */
final class RowRules {
    private final GatewayConfig.Resources resources;
    private final Map<String, ReadPolicy> policies;

    RowRules(GatewayConfig.Resources resources, Map<String, ReadPolicy> policies) {
        this.resources = resources;
        this.policies = policies;
    }

    /** The resource whose rows come on a channel, if rows come on it. */
    static String resourceOf(Channel channel) {
        return channel.isResource() ? channel.suffix() : channel.prefix();
    }

    /** Who may see which rows of a resource; null if all may see all. */
    @Nullable
    ReadPolicy policy(String resource) {
        return policies.get(resource);
    }

    /**
     * What a user is shown on a channel of row changes. As long as nobody could look at the table nothing is checked; the first change will show what is wrong.
     *
     * @param filter the rows that it wants
     * @param columns the columns that it wants; empty for all
     * @throws InvalidFilterException with a sentence if filter or columns do not fit the table, or are too much together with the policy
     */
    View view(Identity identity, Channel channel, RowFilter filter, List<String> columns)
            throws InvalidFilterException {
        String resource = resourceOf(channel);
        Optional<RowShape> shape = resources.shape(resource);
        if (shape.isPresent()) {
            filter.check(shape.get());
            for (String column : columns) {
                if (!shape.get().columns().contains(column)) {
                    // The same sentence as for a column in a filter.
                    RowFilter.isNull(column).check(shape.get());
                }
            }
        }
        ReadPolicy policy = policies.get(resource);
        try {
            View view = new View(policy == null ? RowFilter.ALL : policy.of(identity), filter, columns);
            if (shape.isPresent()) {
                view.checkPolicy(shape.get());
            }
            return view.equals(View.ALL) ? View.ALL : view;
        } catch (IllegalArgumentException e) {
            throw new InvalidFilterException("with what the configuration lets you see: " + e.getMessage());
        }
    }

    /** The same for a user that has changed. */
    View view(Identity identity, Channel channel, View before) throws InvalidFilterException {
        return view(identity, channel, before.filter(), before.columns());
    }
}
