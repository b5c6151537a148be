package dev.rowtide.gateway;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.gateway.presence.PresenceMetadata;
import org.jspecify.annotations.Nullable;

/** One connection in one channel. Fan-out thread only. */
final class Subscription {
    final Connection connection;
    final LiveChannel channel;

    // Where it is in its group; the group keeps both right.
    @Nullable
    Group group;

    int index;

    /** The position that its client was told: it gets the changes after it. Null if the source had not said yet where it is. */
    @Nullable
    Position began;

    /** The {@linkplain dev.rowtide.gateway.history.History number} from which on changes are for it, while its connection is not live. */
    long from;

    /** What its snapshot contains; null if it took none, or all changes from now on are not in it. */
    @Nullable
    SnapshotCut cut;

    /** The snapshot that it is taking; null if it takes none. */
    @Nullable
    SnapshotDelivery snapshot;

    /** What is shown about the user in this channel; null while it takes no part in presence. */
    @Nullable
    PresenceMetadata shown;

    /** What the client chose to show, a JSON object; null for nothing. */
    @Nullable
    String chosenJson;

    /** Whether presence was held back because the peer is slow; it gets the state then, not the way to it. */
    boolean presenceStale;

    Subscription(Connection connection, LiveChannel channel) {
        this.connection = connection;
        this.channel = channel;
    }

    /** The number of the first change that it has not been given while its connection is live; {@code next} if it has been given all before that. */
    long firstUnseen(long next) {
        return group == null || group.conflation == null ? next : Math.min(next, group.conflation.firstNumber());
    }

    /** The place before the first change that is held back for it; null if none is. */
    @Nullable
    Position heldBackSince() {
        return group == null || group.conflation == null ? null : group.conflation.before();
    }

    /** It takes no snapshot any more. */
    void endSnapshot() {
        SnapshotDelivery taking = snapshot;
        snapshot = null;
        cut = null;
        if (taking != null) {
            taking.cancel();
        }
    }

    /** Whether a change of that number, which is read from the history, is for it. */
    boolean isFor(long number, DataChangeEvent event) {
        return number >= from && (isBehindItsSnapshot(event.position()) || !contained(event));
    }

    private boolean contained(DataChangeEvent event) {
        return cut != null && cut.contains(event);
    }

    /** Whether no change at {@code position} or later can be in its snapshot. */
    boolean isBehindItsSnapshot(@Nullable Position position) {
        SnapshotCut now = cut;
        if (now != null && position != null && !now.until().isAfter(position)) {
            cut = null;
        }
        return cut == null;
    }
}
