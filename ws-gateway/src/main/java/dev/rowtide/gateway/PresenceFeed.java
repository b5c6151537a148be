package dev.rowtide.gateway;

import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.presence.OnlineUser;
import dev.rowtide.gateway.presence.PresenceMetadata;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.PresenceMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a channel's subscribers who is online. Fan-out thread only.
 *
 * <p>Ten thousand users that join at once must not cause a hundred million messages: a change is told at once if there was none in the last {@value
 * #WINDOW_MILLIS} ms, else at the window's end, with each user's latest state. More than {@value #MAX_FRAMES} changed users in a window become one message to
 * those who get whole lists; the list in it is the truth.
 */
final class PresenceFeed {
    private static final long WINDOW_MILLIS = 100;
    private static final int MAX_FRAMES = 20;

    private final Hub hub;
    private final LiveChannel channel;
    private final ChannelPresence presence;
    private long lastToldMillis;
    private boolean changed;
    private boolean tellingLater;
    private long expiryMillis = Long.MAX_VALUE;

    PresenceFeed(Hub hub, LiveChannel channel, ChannelPresence presence) {
        this.hub = hub;
        this.channel = channel;
        this.presence = presence;
        this.lastToldMillis = hub.monotonicMillis() - WINDOW_MILLIS;
    }

    List<OnlineUser> listed() {
        return presence.listed();
    }

    int onlineCount() {
        return presence.onlineCount();
    }

    ChannelPresence.Page page(int limit, @Nullable String cursor) {
        return presence.page(limit, cursor);
    }

    boolean isEmpty() {
        return presence.isEmpty();
    }

    /** A subscription takes part from now on, or its user is shown differently. {@link #tell} is to follow. */
    void show(Subscription subscription, Identity identity, PresenceMetadata metadata) {
        if (subscription.shown == null) {
            changed = presence.join(identity.userId(), metadata);
        } else {
            changed = presence.update(identity.userId(), metadata);
        }
        subscription.shown = metadata;
    }

    /** A subscription takes part no more. {@link #tell} is to follow. */
    void hide(Subscription subscription, Identity identity, ChannelPresence.End end) {
        if (subscription.shown != null) {
            subscription.shown = null;
            changed = presence.leave(identity.userId(), end, hub.monotonicMillis());
        }
    }

    /** Tells what changed: now, or when the window ends. False if nothing did. */
    boolean tell() {
        expireLater();
        if (!changed) {
            return false;
        }
        if (tellingLater) {
            return true;
        }
        long waitMillis = lastToldMillis + WINDOW_MILLIS - hub.monotonicMillis();
        if (waitMillis <= 0) {
            tellNow();
        } else {
            tellingLater = true;
            hub.after(TimeUnit.MILLISECONDS.toNanos(waitMillis), () -> {
                tellingLater = false;
                tellNow();
                hub.releaseIfEmpty(channel);
            });
        }
        return true;
    }

    /** Tells one subscriber the state: it has just come, or has missed some of what was told. */
    void tellState(Subscription subscription, Identity identity) {
        PresenceMetadata shown = subscription.shown;
        if (shown != null) {
            FrameBatch frames = hub.frames();
            int frame = update("join", new OnlineUser(identity.userId(), shown.json()));
            subscription.connection.deliverPresence(subscription, frames, frame, frame + 1);
        }
    }

    private void tellNow() {
        changed = false;
        ChannelPresence.Changes changes = presence.drain();
        if (changes.isEmpty()) {
            return;
        }
        lastToldMillis = hub.monotonicMillis();
        for (Group group : channel.groups()) {
            if (group.presence() == PresenceMode.FULL) {
                tellWhole(changes);
                break;
            }
        }
        for (Group group : channel.groups()) {
            if (group.presence() == PresenceMode.DIFF) {
                int frame = hub.encoder()
                        .presenceDiff(hub.frames(), channel.name(), changes, presence.onlineCount(), hub.nowMillis());
                deliver(PresenceMode.DIFF, frame, frame + 1);
                break;
            }
        }
    }

    private void tellWhole(ChannelPresence.Changes changes) {
        int count = changes.join().size()
                + changes.update().size()
                + changes.leave().size();
        int limit = count > MAX_FRAMES ? 1 : count;
        List<Integer> told = new ArrayList<>(limit);
        // Leaves first: if only one is told, it is rather that somebody came.
        if (count <= MAX_FRAMES) {
            changes.leave().forEach(user -> told.add(update("leave", user)));
            changes.update().forEach(user -> told.add(update("update", user)));
            changes.join().forEach(user -> told.add(update("join", user)));
        } else if (!changes.join().isEmpty()) {
            told.add(update("join", last(changes.join())));
        } else if (!changes.update().isEmpty()) {
            told.add(update("update", last(changes.update())));
        } else {
            told.add(update("leave", last(changes.leave())));
        }
        deliver(PresenceMode.FULL, told.get(0), last(told) + 1);
    }

    private int update(String action, OnlineUser user) {
        return hub.encoder()
                .presenceUpdate(
                        hub.frames(),
                        channel.name(),
                        action,
                        user,
                        presence.listed(),
                        presence.onlineCount(),
                        hub.nowMillis());
    }

    private void deliver(PresenceMode mode, int first, int last) {
        for (Group group : channel.groups()) {
            if (group.presence() == mode) {
                group.deliverPresence(hub.frames(), first, last);
            }
        }
    }

    /** Sets the alarm for the end of the first grace period, if there is an earlier one than before. */
    private void expireLater() {
        long deadline = presence.nextDeadlineMillis();
        if (deadline < expiryMillis) {
            expiryMillis = deadline;
            hub.after(TimeUnit.MILLISECONDS.toNanos(deadline - hub.monotonicMillis()), () -> {
                expiryMillis = Long.MAX_VALUE;
                changed = presence.expire(hub.monotonicMillis());
                tell();
                hub.releaseIfEmpty(channel);
            });
        }
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}
