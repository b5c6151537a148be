package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.history.History.Place;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions that go on from a position. Most find their place at once. One whose position is later than anything that has come waits for it: after a restart the bridge
 * reads again what it had delivered, and its clients, who know more, are back first. Fan-out thread only.
 */
final class Resumes {
    /** How long a position may be ahead of the source; the source reads again what it had not marked, some seconds' worth. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Hub hub;
    private final List<Waiting> waiting = new ArrayList<>();

    /** How a resume ended. */
    interface Outcome {
        /** Everything after {@code since} comes, {@code replayed} changes of the channel of it from the history. */
        void recovered(Position since, int replayed);

        /** Something after {@code since} is missing; changes come from now on. */
        void missed(Position since, GapReason reason);

        void refused(Problem problem);
    }

    private static final class Waiting {
        final Subscription subscription;
        final Position since;
        final Outcome outcome;
        long deadlineNanos;

        Waiting(Subscription subscription, Position since, Outcome outcome, long deadlineNanos) {
            this.subscription = subscription;
            this.since = since;
            this.outcome = outcome;
            this.deadlineNanos = deadlineNanos;
        }
    }

    Resumes(Hub hub) {
        this.hub = hub;
    }

    /** Makes the subscription go on after {@code since}, and says how that ended, now or within seconds. */
    void resume(Subscription subscription, Position since, Outcome outcome) {
        forget(subscription);
        if (!place(subscription, since, outcome)) {
            subscription.connection.catchUp().holdBack(subscription);
            waiting.add(new Waiting(subscription, since, outcome, hub.nanos() + PATIENCE_NANOS));
        }
    }

    /** The subscription goes on from now after all. */
    void forget(Subscription subscription) {
        if (!waiting.isEmpty() && waiting.removeIf(resume -> resume.subscription == subscription)) {
            subscription.connection.catchUp().readFrom(subscription, hub.live().next(), null);
        }
    }

    /** Places those whose position has been reached; refuses those whose position does not come. */
    void settle() {
        if (waiting.isEmpty()) {
            return;
        }
        for (Waiting resume : List.copyOf(waiting)) {
            Subscription subscription = resume.subscription;
            Connection connection = subscription.connection;
            boolean subscribed =
                    connection.isOpen() && connection.subscription(subscription.channel.name()) == subscription;
            if (!subscribed || place(subscription, resume.since, resume.outcome)) {
                waiting.remove(resume);
            } else if (!hub.history().isPlaced()) {
                resume.deadlineNanos = hub.nanos() + PATIENCE_NANOS;
            } else if (hub.nanos() - resume.deadlineNanos > 0) {
                waiting.remove(resume);
                resume.outcome.refused(tooLate(resume.since, hub.position()));
            }
        }
    }

    private boolean place(Subscription subscription, Position since, Outcome outcome) {
        History history = hub.history();
        Place place = history.find(since);
        if (place instanceof Place.At at) {
            outcome.recovered(
                    since,
                    history.count(
                            new ChannelInterest(subscription.channel.channel()),
                            at.number(),
                            hub.live().next()));
            subscription.connection.catchUp().readFrom(subscription, at.number(), since);
            return true;
        }
        if (place instanceof Place.Lost lost) {
            subscription.connection.catchUp().readFrom(subscription, hub.live().next(), hub.position());
            outcome.missed(since, lost.reason());
            return true;
        }
        return false;
    }

    private static Problem tooLate(Position since, @Nullable Position reached) {
        return new Problem(
                ErrorCode.UNKNOWN_POSITION,
                "the position " + since + " is later than all that has been read from the database, which is at "
                        + reached + "; subscribe without \"since\", and load the rows again");
    }
}
