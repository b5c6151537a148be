package dev.rowtide.gateway.auth;

import dev.rowtide.feed.Channel;
import dev.rowtide.gateway.auth.AuthConfig.Action;
import dev.rowtide.gateway.auth.AuthConfig.ChannelRule;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** What users may do on channels, from {@link AuthConfig#rules}. Immutable, thread-safe, cheap enough to ask per message. */
public final class Permissions {
    private final List<Rule> rules;

    private record Rule(ChannelPattern channel, Set<String> roles, Set<Action> allow) {}

    /** @throws IllegalArgumentException if a pattern is empty or too long */
    public Permissions(List<ChannelRule> rules) {
        this.rules = rules.stream()
                .map(rule -> new Rule(
                        new ChannelPattern(rule.channel()), Set.copyOf(rule.roles()), Set.copyOf(rule.allow())))
                .toList();
    }

    /**
     * Whether the first rule that matches the channel and one of the user's roles allows it. Without rules everything is allowed; with rules of
     * which none matches, nothing is.
     */
    public boolean allows(Identity identity, Channel channel, Action action) {
        for (Rule rule : rules) {
            boolean role = rule.roles.isEmpty() || !Collections.disjoint(rule.roles, identity.roles());
            if (role && rule.channel.matches(channel.name(), identity.userId())) {
                return rule.allow.contains(action);
            }
        }
        return rules.isEmpty();
    }
}
