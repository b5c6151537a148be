package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.feed.filter.RowPredicate;
import dev.rowtide.feed.filter.Truth;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.ReadPolicy;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.history.Segment;
import dev.rowtide.gateway.http.Explanation;
import dev.rowtide.gateway.http.Explanation.Reason;
import dev.rowtide.gateway.http.Explanation.Subscribed;
import dev.rowtide.gateway.protocol.Problem;
import dev.rowtide.gateway.view.Rendering;
import dev.rowtide.gateway.view.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Says whether a user got a change, and why not: the same decisions as on the change's way, asked one after the other. Fan-out thread only. */
final class Explanations {
    private final Hub hub;

    Explanations(Hub hub) {
        this.hub = hub;
    }

    /**
     * @param roles the user's, if it is not connected
     * @param answer called once, now or when the change has been read from the history
     */
    void explain(String userId, Set<String> roles, Channel channel, Position position, Consumer<Explanation> answer) {
        History.Place place = hub.history().find(position.before());
        if (position.index() == 0) {
            answer.accept(unknown("is a place between two transactions, and no change's"));
        } else if (place instanceof History.Place.Later) {
            answer.accept(unknown("is later than everything that has been read from the database"));
        } else if (place instanceof History.Place.Lost lost) {
            answer.accept(unknown("is not kept any more (" + lost.reason().wireName() + ')'));
        } else if (place instanceof History.Place.At at
                && at.number() < hub.live().readable()) {
            Segment segment = hub.history().segment(at.number());
            Change change = segment.change(at.number());
            if (change == null) {
                hub.history().unpack(segment, () -> explain(userId, roles, channel, position, answer));
            } else if (change.event().position().equals(position)) {
                answer.accept(explain(userId, roles, channel, change.event()));
            } else {
                answer.accept(unknown(
                        "is no change's; the next is at " + change.event().position()));
            }
        } else {
            answer.accept(unknown("is behind the last change that was delivered"));
        }
    }

    private static Explanation unknown(String why) {
        return new Explanation(Reason.UNKNOWN_CHANGE, "the position " + why, null, List.of(), List.of());
    }

    private Explanation explain(String userId, Set<String> roles, Channel channel, DataChangeEvent event) {
        if (!isOn(channel, event)) {
            String others = event.id() == null
                    ? ""
                    : " and " + Channel.recordName(event.resource(), event.id().text());
            return new Explanation(
                    Reason.OTHER_CHANNEL,
                    "the change is on resource:" + event.resource() + others,
                    event,
                    List.of(),
                    List.of());
        }
        Identity identity = null;
        Problem forbidden = null;
        List<Subscribed> subscriptions = new ArrayList<>();
        for (Connection connection : hub.connections()) {
            if (connection.identity().userId().equals(userId)) {
                identity = connection.identity();
                forbidden = hub.rules().subscribe(identity, channel);
                Subscription subscription = connection.subscription(channel.name());
                if (subscription != null) {
                    subscriptions.add(explain(subscription, event));
                }
            }
        }
        if (identity == null) {
            Identity absent = new Identity(userId, null, roles, Map.of(), false, 0);
            return new Explanation(
                    Reason.NOT_CONNECTED,
                    "the user has no connection now"
                            + (roles.isEmpty() ? "; its roles can be given as &roles=a,b" : ""),
                    event,
                    rules(absent, event),
                    List.of());
        }
        List<Explanation.Rule> rules = rules(identity, event);
        if (subscriptions.isEmpty()) {
            return forbidden == null
                    ? new Explanation(
                            Reason.NOT_SUBSCRIBED,
                            "no connection of the user is subscribed to the channel",
                            event,
                            rules,
                            List.of())
                    : new Explanation(Reason.CHANNEL_RULE, forbidden.message(), event, rules, List.of());
        }
        // What reached one of its pages reached the user.
        Subscribed best = subscriptions.stream()
                .min((a, b) -> a.reason().compareTo(b.reason()))
                .orElseThrow();
        return new Explanation(best.reason(), best.sentence(), event, rules, subscriptions);
    }

    private static boolean isOn(Channel channel, DataChangeEvent event) {
        if (channel.isResource()) {
            return channel.suffix().equals(event.resource());
        }
        return ChangeChannels.isRecordOf(channel, event.resource())
                && (event.operation() == Operation.TRUNCATE
                        || (event.id() != null && event.id().text().equals(channel.suffix())));
    }

    private Subscribed explain(Subscription subscription, DataChangeEvent event) {
        Group group = subscription.group;
        View view = group == null ? View.ALL : group.view();
        try {
            Rendering rendering = view.show(event);
            if (rendering == Rendering.UNDECIDED) {
                return subscribed(
                        Reason.UNDECIDED,
                        "the log does not hold the columns that the policy or the filter ask for; with REPLICA IDENTITY FULL it would",
                        null,
                        view);
            }
            if (!rendering.isShown()) {
                boolean byPolicy = !new View(view.policy(), RowFilter.ALL, List.of())
                        .show(event)
                        .isShown();
                return byPolicy
                        ? subscribed(Reason.POLICY, "no rule of the policy shows this row to the user", null, view)
                        : subscribed(Reason.FILTER, "the row does not pass the filter of the subscription", null, view);
            }
            String shownAs = rendering.operation(event).wireName();
            if (group != null && !group.key().operations().contains(rendering.operation(event))) {
                return subscribed(
                        Reason.OPERATION, "the subscription does not ask for " + shownAs + 's', shownAs, view);
            }
            return delivered(subscription, event, shownAs, view);
        } catch (InvalidFilterException e) {
            return subscribed(Reason.FILTER, e.sentence(), null, view);
        }
    }

    private static Subscribed delivered(Subscription subscription, DataChangeEvent event, String shownAs, View view) {
        Position began = subscription.began;
        Position seen = subscription.connection.catchUp().seen();
        if (began != null && !event.position().isAfter(began)) {
            return subscribed(
                    Reason.BEFORE_SUBSCRIPTION,
                    "the subscription has the changes after " + began + ", and this was before",
                    shownAs,
                    view);
        }
        if (subscription.snapshot != null || seen == null || event.position().isAfter(seen)) {
            return subscribed(Reason.BEHIND, "the client has not read so far yet; it will get it", shownAs, view);
        }
        return subscribed(Reason.DELIVERED, "it was delivered as " + shownAs, shownAs, view);
    }

    private static Subscribed subscribed(Reason reason, String sentence, @Nullable String shownAs, View view) {
        return new Subscribed(reason, sentence, shownAs, view.filter().text(), view.columns());
    }

    private List<Explanation.Rule> rules(Identity identity, DataChangeEvent event) {
        ReadPolicy policy = hub.rowRules().policy(event.resource());
        List<Explanation.Rule> rules = new ArrayList<>();
        for (ReadPolicy.Rule rule : policy == null ? List.<ReadPolicy.Rule>of() : policy.rules()) {
            RowFilter where = rule.where().bind(identity.attributes());
            rules.add(new Explanation.Rule(
                    rule.roles(),
                    rule.isFor(identity),
                    rule.where().text(),
                    truth(where, event.old()),
                    truth(where, event.data())));
        }
        return rules;
    }

    private static @Nullable Truth truth(RowFilter where, @Nullable Row row) {
        try {
            return row == null ? null : RowPredicate.of(where, row.shape()).evaluate(row);
        } catch (InvalidFilterException e) {
            return null;
        }
    }
}
