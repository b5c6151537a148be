package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is live, and how it becomes so again. It is not while it resumes, has fallen behind because its peer reads more slowly than changes come, or takes a snapshot; then it
 * reads from the history, at its peer's pace, and is live when it has reached the changes that are being delivered. Fan-out thread only.
 *
 * <p>A connection is live or not as a whole: so it has commit order across its channels.
 */
final class CatchUp {
    /** The {@link Subscription#from} of one whose place is not known yet. */
    private static final long HELD_BACK = Long.MAX_VALUE;

    private final Hub hub;
    private final Connection connection;
    private @Nullable HistoryCursor cursor;

    CatchUp(Hub hub, Connection connection) {
        this.hub = hub;
        this.connection = connection;
    }

    /** Whether it gets changes the moment they are delivered. */
    boolean isLive() {
        return cursor == null;
    }

    /** Up to where the connection has been given everything; null if that is not known. */
    @Nullable
    Position seen() {
        return cursor == null ? hub.position() : cursor.seen();
    }

    /** More waits than the peer can take: from the change on that is delivered next it reads from the history. */
    void fallBehind() {
        hub.fellBehind();
        start(hub.live().next(), hub.position());
        readOn();
    }

    private HistoryCursor start(long number, @Nullable Position seen) {
        long first = number;
        Position before = seen;
        for (Subscription subscription : connection.subscriptions()) {
            subscription.from = subscription.firstUnseen(hub.live().next());
            if (subscription.from < first) {
                first = subscription.from;
                before = subscription.heldBackSince();
            }
        }
        HistoryCursor started = new HistoryCursor(connection, hub, first, before);
        read(started);
        return started;
    }

    /** Reads with that cursor from now on; with none it is live, or gone. */
    private void read(@Nullable HistoryCursor next) {
        hub.catchUps().behind((next == null ? 0 : 1) - (cursor == null ? 0 : 1));
        cursor = next;
    }

    /** This subscription wants the changes from that number on, which come after {@code since}. The others get nothing twice. */
    void readFrom(Subscription subscription, long number, @Nullable Position since) {
        HistoryCursor reading = cursor;
        if (reading == null && number == hub.live().next() && canBeLive(subscription)) {
            return;
        }
        if (reading == null) {
            start(Math.min(number, hub.live().next()), since);
        } else if (number < reading.next()) {
            for (Subscription other : connection.subscriptions()) {
                other.from = Math.max(other.from, reading.next());
            }
            reading.rewind(number, since);
        }
        subscription.from = number;
        readOn();
    }

    /** This subscription gets no changes until {@link #readFrom} says from where on. */
    void holdBack(Subscription subscription) {
        if (cursor == null) {
            start(hub.live().next(), hub.position());
        }
        subscription.from = HELD_BACK;
        readOn();
    }

    /** Its channels are others than before. */
    void subscriptionsChanged() {
        if (cursor != null) {
            cursor.subscriptionsChanged();
        }
    }

    /** If nothing waits for the peer, more can come. */
    void readOn() {
        if (cursor != null && connection.canTake()) {
            hub.catchUps().add(connection);
        }
    }

    /** Reads one turn, if the peer has taken the last. Returns how many bytes that was. */
    long turn() {
        HistoryCursor reading = cursor;
        if (reading == null || !connection.canTake()) {
            return 0;
        }
        long before = connection.given();
        switch (reading.read()) {
            case MORE -> connection.touch();
            case UNPACKING -> {}
            case LIVE -> {
                if (reading.next() == hub.live().next()
                        && connection.subscriptions().stream().allMatch(this::canBeLive)) {
                    read(null);
                } else {
                    hub.catchUps().addLater(connection);
                }
            }
            case LOST -> tellGap(GapReason.HISTORY_EXPIRED);
        }
        return connection.given() - before;
    }

    /** Whether each change from now on is for it. */
    private boolean canBeLive(Subscription subscription) {
        return subscription.from <= hub.live().next()
                && subscription.isBehindItsSnapshot(hub.position())
                && subscription.heldBackSince() == null;
    }

    /** Changes are missing for all its subscriptions to changes. It is live from here on, but for those that wait for their place. */
    void tellGap(GapReason reason) {
        Position since = seen();
        boolean live = true;
        for (Subscription subscription : List.copyOf(connection.subscriptions())) {
            if (subscription.from == HELD_BACK && cursor != null) {
                live = false;
            } else if (hub.rules().isRowChannel(subscription.channel.channel())) {
                subscription.from = hub.live().next();
                subscription.cut = null;
                connection.tellGap(subscription, since, reason);
                live &= subscription.heldBackSince() == null;
            }
        }
        read(live ? null : new HistoryCursor(connection, hub, hub.live().next(), hub.position()));
        readOn();
    }

    /** The connection gets nothing any more. */
    void stop() {
        read(null);
    }
}
