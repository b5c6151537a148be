package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Operation;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.PresenceMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A channel that somebody is in, or was so shortly ago that others still see it. Fan-out thread only. */
final class LiveChannel {
    private final Channel channel;
    private final @Nullable PresenceFeed presence;
    private final List<Group> groups = new ArrayList<>(1);
    private int clients;

    /** @param presence null if presence is off */
    LiveChannel(Channel channel, @Nullable ChannelPresence presence, Hub hub) {
        this.channel = channel;
        this.presence = presence == null ? null : new PresenceFeed(hub, this, presence);
    }

    Channel channel() {
        return channel;
    }

    String name() {
        return channel.name();
    }

    /** Null if presence is off. */
    @Nullable
    PresenceFeed presence() {
        return presence;
    }

    List<Group> groups() {
        return groups;
    }

    /** How many connections are subscribed. */
    int clients() {
        return clients;
    }

    /** Whether nothing would be lost by forgetting it. */
    boolean isEmpty() {
        return clients == 0 && (presence == null || presence.isEmpty());
    }

    /** Puts a subscription where its parameters belong: a new one, or one whose parameters changed. */
    void place(Subscription subscription, Set<Operation> operations, PresenceMode mode) {
        Group from = subscription.group;
        if (from != null) {
            if (from.isFor(operations, mode)) {
                return;
            }
            remove(subscription, from);
        }
        for (Group group : groups) {
            if (group.isFor(operations, mode)) {
                group.add(subscription);
                clients++;
                return;
            }
        }
        Group group = new Group(operations, mode);
        groups.add(group);
        group.add(subscription);
        clients++;
    }

    void remove(Subscription subscription) {
        Group from = subscription.group;
        if (from != null) {
            remove(subscription, from);
        }
    }

    private void remove(Subscription subscription, Group from) {
        from.remove(subscription);
        clients--;
        if (from.size() == 0) {
            groups.remove(from);
        }
    }

    boolean wants(Operation operation) {
        for (Group group : groups) {
            if (group.wants(operation)) {
                return true;
            }
        }
        return false;
    }

    /** Hands an encoded change to the groups that want its operation. All groups share the frame as long as they do not differ in columns. */
    void deliver(Change.Frame frame, Operation operation) {
        for (Group group : groups) {
            if (group.wants(operation)) {
                group.deliver(frame.batch(), frame.index());
            }
        }
    }

    /** Hands a broadcast to everybody but its sender; returns to how many. */
    int deliverBroadcast(FrameBatch frames, int frame, @Nullable Connection except) {
        int receivers = 0;
        for (Group group : groups) {
            receivers += group.deliverBroadcast(frames, frame, except);
        }
        return receivers;
    }
}
