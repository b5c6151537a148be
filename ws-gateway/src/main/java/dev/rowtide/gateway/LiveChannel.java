package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.view.Rendering;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A channel that somebody is in, or was so shortly ago that others still see it. Fan-out thread only. */
final class LiveChannel {
    private final Hub hub;
    private final Channel channel;
    private final @Nullable PresenceFeed presence;
    private final Map<Group.Key, Group> groups = new LinkedHashMap<>(2);
    // Most channels are a record's, with a group or two.
    private @Nullable GroupIndex index;
    private int clients;

    /** @param presence null if presence is off */
    LiveChannel(Channel channel, @Nullable ChannelPresence presence, Hub hub) {
        this.hub = hub;
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

    Collection<Group> groups() {
        return groups.values();
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
    void place(Subscription subscription, Group.Key key) {
        Group from = subscription.group;
        if (from != null) {
            if (from.key().equals(key)) {
                return;
            }
            if (from.conflation != null) {
                from.conflation.flush();
            }
            remove(subscription, from);
        }
        Group group = groups.get(key);
        if (group == null) {
            group = new Group(key);
            if (key.conflateMillis() > 0) {
                group.conflation = new Conflation(hub, this, group, key.conflateMillis());
            }
            groups.put(key, group);
            index(group);
        }
        group.add(subscription);
        clients++;
    }

    private void index(Group added) {
        if (index != null) {
            index.add(added);
        } else if (added.view().rows().anchors().isPresent()) {
            index = new GroupIndex();
            groups.values().forEach(index::add);
        }
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
            groups.remove(from.key());
            if (index != null) {
                index.remove(from);
            }
            if (from.conflation != null) {
                from.conflation.clear();
            }
        }
    }

    /** A change of this channel, to all that want it and are live: encoded at most once for each way in which it is shown, and not at all if nobody wants it. */
    void deliver(Change change) {
        DataChangeEvent event = change.event();
        for (Group group : index == null ? groups.values() : index.candidates(event)) {
            Rendering rendering = show(group, event);
            if (rendering.isShown() && group.conflation != null) {
                group.conflation.add(event, rendering);
            } else if (rendering.isShown()) {
                Change.Frame frame = hub.changeFrames().of(change, channel, rendering);
                group.deliver(frame.batch(), frame.index());
            }
        }
    }

    /** Changes are missing: what was held back of those before is worth nothing. */
    void dropHeldBack() {
        for (Group group : groups.values()) {
            if (group.conflation != null) {
                group.conflation.clear();
            }
        }
    }

    /** How a change is shown to the members of a group. Nothing is shown to those who ask for what the table does not have any more; they are told soon. */
    Rendering show(Group group, DataChangeEvent event) {
        try {
            Rendering rendering = group.show(event);
            if (rendering == Rendering.UNDECIDED) {
                hub.undecided();
            }
            return rendering;
        } catch (InvalidFilterException e) {
            hub.endSubscriptions(group, e);
            return Rendering.NOTHING;
        }
    }

    /** Hands a broadcast to everybody but its sender; returns to how many. */
    int deliverBroadcast(FrameBatch frames, int frame, @Nullable Connection except) {
        int receivers = 0;
        for (Group group : groups.values()) {
            receivers += group.deliverBroadcast(frames, frame, except);
        }
        return receivers;
    }
}
