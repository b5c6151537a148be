package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.Problem;
import dev.rowtide.gateway.view.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot on its way to one subscriber: first the rows, each chunk when the peer has taken the one before, then what the rows do not contain, from the history. Until then the subscription gets no
 * changes; the connection's others do. Fan-out thread only, but for the handler's methods, which the reader's threads call.
 */
final class SnapshotDelivery implements SnapshotHandler {
    /** How often a snapshot is taken anew because the history did not reach back to it. */
    private static final int MAX_ATTEMPTS = 3;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Hub hub;
    private final Subscription subscription;
    private final @Nullable String idJson;
    private final Outcome outcome;
    private final int attempt;
    private @Nullable SnapshotReading reading;
    private @Nullable SnapshotCut cut;
    private long from;
    private boolean asked;

    /** Who asked. */
    interface Outcome {
        /** Rows come now, and then everything after {@code position} that they do not contain. */
        void begun(Position position);

        /** There are no (more) rows, and the subscription is to end. */
        void refused(Problem problem);
    }

    private SnapshotDelivery(
            Hub hub, Subscription subscription, @Nullable String idJson, Outcome outcome, int attempt) {
        this.hub = hub;
        this.subscription = subscription;
        this.idJson = idJson;
        this.outcome = outcome;
        this.attempt = attempt;
    }

    /** Asks for the rows that the subscription shows, with {@code idJson} on each message. In the place of one that it takes already. */
    static void start(Hub hub, Subscription subscription, @Nullable String idJson, Outcome outcome) {
        subscription.endSnapshot();
        subscription.connection.catchUp().holdBack(subscription);
        new SnapshotDelivery(hub, subscription, idJson, outcome, 1).ask();
    }

    private void ask() {
        Group group = subscription.group;
        View view = group == null ? View.ALL : group.view();
        Channel channel = subscription.channel.channel();
        subscription.snapshot = this;
        reading = hub.rows()
                .read(
                        new SnapshotRequest(
                                RowRules.resourceOf(channel),
                                channel.isResource() ? null : channel.suffix(),
                                view.rows(),
                                view.columns()),
                        this);
    }

    /** It is not wanted any more. */
    void cancel() {
        if (reading != null) {
            reading.cancel();
        }
    }

    /** It cannot be gone on with, and the subscription ends. */
    void abandon(String sentence) {
        fail(sentence, Duration.ofMillis(1));
    }

    /** The peer can take more. */
    void takeMore() {
        if (cut != null && !asked && reading != null) {
            asked = true;
            reading.request(1);
        }
    }

    // ---- from the reader's threads

    @Override
    public void begin(SnapshotCut cut) {
        hub.post(() -> ifWanted(() -> place(cut)));
    }

    @Override
    public void rows(List<SnapshotRow> chunk) {
        hub.post(() -> ifWanted(() -> deliver(chunk)));
    }

    @Override
    public void end() {
        hub.post(() -> ifWanted(this::finish));
    }

    @Override
    public void failed(SnapshotFailure failure) {
        hub.post(() -> ifWanted(() -> fail(failure.sentence(), failure.retryAfter())));
    }

    private void ifWanted(Runnable action) {
        if (subscription.snapshot == this && subscription.connection.isOpen()) {
            action.run();
        } else {
            cancel();
        }
    }

    // ---- one after the other

    /** Finds what is to be read from the history behind the rows; it must be there before the first of them is sent. */
    private void place(SnapshotCut taken) {
        History.Place place = hub.history().find(taken.from());
        if (!hub.history().isPlaced()) {
            // The source has said where it begins, but that is still on its way to here.
            hub.after(RETRY_NANOS, () -> ifWanted(() -> place(taken)));
        } else if (place instanceof History.Place.Lost) {
            again();
        } else {
            // Of what is here nothing is as late as a cut that is later than all of it.
            from = place instanceof History.Place.At at
                    ? at.number()
                    : hub.history().end();
            cut = taken;
            outcome.begun(taken.from());
            if (subscription.connection.canTake()) {
                takeMore();
            }
        }
    }

    /** A long transaction makes a snapshot look back further than the history is kept. The next may not have to. */
    private void again() {
        cancel();
        if (attempt == MAX_ATTEMPTS) {
            fail(
                    "changes are kept for less time than the database's transactions take (history.max-age, history.max-bytes), so none could be"
                            + " found that no snapshot contains",
                    Duration.ofSeconds(5));
            return;
        }
        SnapshotDelivery next = new SnapshotDelivery(hub, subscription, idJson, outcome, attempt + 1);
        subscription.snapshot = next;
        hub.after(RETRY_NANOS, () -> next.ifWanted(() -> next.ask()));
    }

    private void deliver(List<SnapshotRow> chunk) {
        SnapshotCut taken = cut;
        if (taken != null) {
            asked = false;
            subscription.connection.add(hub.frames(), encode(taken, chunk, false));
        }
    }

    private void finish() {
        SnapshotCut taken = cut;
        if (taken == null) {
            return;
        }
        subscription.snapshot = null;
        subscription.connection.add(hub.frames(), encode(taken, List.of(), true));
        // The log may have been lost meanwhile, or the rows may have taken longer than changes are kept.
        History.Place place = hub.history().find(taken.from());
        if (place instanceof History.Place.Lost lost) {
            subscription.connection.catchUp().readFrom(subscription, hub.live().next(), hub.position());
            subscription.connection.tellGap(subscription, taken.from(), lost.reason());
        } else if (from < hub.history().begin()) {
            subscription.connection.catchUp().readFrom(subscription, hub.live().next(), hub.position());
            subscription.connection.tellGap(subscription, taken.from(), GapReason.HISTORY_EXPIRED);
        } else {
            subscription.cut = taken;
            subscription.connection.catchUp().readFrom(subscription, from, taken.from());
        }
    }

    private int encode(SnapshotCut taken, List<SnapshotRow> chunk, boolean last) {
        return hub.encoder()
                .snapshot(
                        hub.frames(), subscription.channel.name(), idJson, chunk, taken.from(), last, hub.nowMillis());
    }

    private void fail(String sentence, @Nullable Duration retryAfter) {
        cancel();
        subscription.snapshot = null;
        outcome.refused(new Problem(ErrorCode.UNAVAILABLE, sentence, retryAfter == null ? 0 : retryAfter.toMillis()));
    }
}
