package dev.rowtide.gateway;

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

    /** The {@linkplain dev.rowtide.gateway.history.History number} from which on changes are for it, while its connection is not live. */
    long from;

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
}
