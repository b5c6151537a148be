package dev.rowtide.gateway.http;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.filter.Truth;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a user got a change on a channel, and if not what kept it from that user. It speaks of the connections that there are now; what a connection that is gone got is known to nobody.
 *
 * @param reason the answer in a word
 * @param sentence the same for people
 * @param change the change; null if there is none at that position
 * @param rules the rules of the resource's policy, in order; empty if it has none, or if the user's roles are not known
 * @param subscriptions the user's subscriptions to the channel, one for each connection that has one
 */
public record Explanation(
        Reason reason,
        String sentence,
        @Nullable DataChangeEvent change,
        List<Rule> rules,
        List<Subscribed> subscriptions) {

    /** Why a change was delivered, or was not. */
    public enum Reason {
        /** It was. */
        DELIVERED,
        /** It will be: the client reads more slowly than changes come, or takes a snapshot. */
        BEHIND,
        /** There is no change at the position: the history does not reach that far, or it was never one. */
        UNKNOWN_CHANGE,
        /** The change is of another resource or record. */
        OTHER_CHANNEL,
        /** The user has no connection now. */
        NOT_CONNECTED,
        /** None of the user's connections is subscribed to the channel. */
        NOT_SUBSCRIBED,
        /** The channel's rules do not let the user subscribe. */
        CHANNEL_RULE,
        /** The subscription began after it. */
        BEFORE_SUBSCRIPTION,
        /** No rule of the policy shows the row to the user. */
        POLICY,
        /** The subscriber's own filter. */
        FILTER,
        /** The subscriber did not ask for this operation. */
        OPERATION,
        /** The log does not hold the columns that policy or filter ask for. */
        UNDECIDED;

        /** The name in answers: the constant's in lower case. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One rule of the policy.
     *
     * @param roles whom it is for; empty for everybody
     * @param isForUser whether the user is among them
     * @param where what it shows, as JSON
     * @param before what it says of the row before the change; null without one
     * @param after what it says of the row after it; null without one
     */
    public record Rule(
            Set<String> roles,
            boolean isForUser,
            String where,
            @Nullable Truth before,
            @Nullable Truth after) {}

    /**
     * One of the user's subscriptions to the channel.
     *
     * @param shownAs what the change is in its view: an operation's wire name; null if it is not shown
     * @param filter its filter, as JSON
     * @param columns the columns that it asked for; empty for all
     */
    public record Subscribed(
            Reason reason, String sentence, @Nullable String shownAs, String filter, List<String> columns) {}
}
