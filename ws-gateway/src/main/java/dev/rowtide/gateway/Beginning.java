package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.protocol.ClientMessage;
import dev.rowtide.gateway.protocol.MessageEncoder.Recovery;
import dev.rowtide.gateway.protocol.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from where on a subscription gets changes, and answers its {@code subscribe}: from now on, after a position, or behind a snapshot; from a position it falls back to a snapshot, if the client wants
 * one, and else to now and a gap. Fan-out thread only.
 */
final class Beginning implements Resumes.Outcome, SnapshotDelivery.Outcome {
    private final Hub hub;
    private final Connection connection;
    private final Subscription subscription;
    private final ClientMessage.Subscribe message;
    private @Nullable Recovery recovery;

    Beginning(Hub hub, Subscription subscription, ClientMessage.Subscribe message) {
        this.hub = hub;
        this.connection = subscription.connection;
        this.subscription = subscription;
        this.message = message;
    }

    /** Answers now, or when the place is known. The subscription may have begun otherwise before. */
    void begin() {
        hub.resumes().forget(subscription);
        boolean tookSnapshot = subscription.snapshot != null;
        subscription.endSnapshot();
        if (message.since() != null) {
            hub.resumes().resume(subscription, message.since(), this);
        } else if (message.snapshot()) {
            SnapshotDelivery.start(hub, subscription, message.idJson(), this);
        } else {
            if (tookSnapshot || subscription.heldBackSince() != null) {
                connection.catchUp().readFrom(subscription, hub.live().next(), hub.position());
            }
            subscribed(hub.position());
        }
    }

    @Override
    public void recovered(Position since, int replayed) {
        recovery = new Recovery(true, replayed);
        subscribed(since);
    }

    @Override
    public void missed(Position since, GapReason reason) {
        recovery = new Recovery(false, 0);
        if (message.snapshot()) {
            SnapshotDelivery.start(hub, subscription, message.idJson(), this);
        } else {
            subscribed(hub.position());
            connection.tellGap(subscription, since, reason);
        }
    }

    @Override
    public void begun(Position position) {
        subscribed(position);
    }

    @Override
    public void refused(Problem problem) {
        String channel = subscription.channel.name();
        hub.leave(subscription, End.CLEAN);
        connection.deliver(
                hub.frames(), hub.encoder().error(hub.frames(), channel, message.idJson(), problem, hub.nowMillis()));
    }

    private void subscribed(@Nullable Position position) {
        subscription.began = position;
        PresenceFeed presence = subscription.shown == null ? null : subscription.channel.presence();
        connection.deliver(
                hub.frames(),
                hub.encoder()
                        .subscribed(
                                hub.frames(),
                                subscription.channel.name(),
                                message.idJson(),
                                position,
                                recovery,
                                presence == null ? null : presence.listed(),
                                presence == null ? 0 : presence.onlineCount(),
                                hub.nowMillis()));
    }
}
