package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.history.Interest;
import dev.rowtide.gateway.history.Segment;
import dev.rowtide.gateway.view.Rendering;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cursor in the history: what a connection that is not live reads next. It reads on at its peer's pace, in commit order across its channels. Fan-out thread only.
 *
 * <p>Each subscription has a number {@linkplain Subscription#from from} which on changes are for it; before that it has them already, or never wanted them.
 */
final class HistoryCursor implements Interest, ChangeChannels<Subscription> {
    /** The most segments that are looked through in one turn. */
    private static final int TURN_SEGMENTS = 16;

    /** How a turn ended. */
    enum Progress {
        /** The turn is over, and there is more. */
        MORE,
        /** What comes next is being unpacked; the hub is told when that is done. */
        UNPACKING,
        /** Everything that was delivered live has been read. */
        LIVE,
        /** What comes next has left the history. */
        LOST
    }

    private final Connection connection;
    private final Hub hub;
    private long next;
    private @Nullable Position seen;
    private boolean unpacking;

    private final Map<String, Subscription> resources = new HashMap<>();
    private final Set<String> recordsOf = new HashSet<>();
    private long[] recordKeys = {};

    /**
     * @param next the number of the first change that it wants
     * @param seen where the change before that is; null if that is not known
     */
    HistoryCursor(Connection connection, Hub hub, long next, @Nullable Position seen) {
        this.connection = connection;
        this.hub = hub;
        this.next = next;
        this.seen = seen;
        subscriptionsChanged();
    }

    /** The number of the change that it reads next. */
    long next() {
        return next;
    }

    /** Up to where the connection has been given everything; null if that is not known. */
    @Nullable
    Position seen() {
        return seen;
    }

    /** Goes back: somebody wants what was passed already. */
    void rewind(long number, @Nullable Position position) {
        next = number;
        seen = position;
    }

    void subscriptionsChanged() {
        resources.clear();
        recordsOf.clear();
        Collection<Subscription> subscriptions = connection.subscriptions();
        long[] keys = new long[subscriptions.size()];
        int count = 0;
        for (Subscription subscription : subscriptions) {
            Channel channel = subscription.channel.channel();
            if (channel.isResource()) {
                resources.put(channel.suffix(), subscription);
            } else if (channel.hasSuffix()) {
                recordsOf.add(channel.prefix());
                keys[count++] = Segment.key(channel.prefix(), channel.suffix());
            }
        }
        recordKeys = Arrays.copyOf(keys, count);
        Arrays.sort(recordKeys);
    }

    // ---- one turn

    /** Adds what comes next to the outbox, as much as one turn takes. */
    Progress read() {
        if (unpacking) {
            return Progress.UNPACKING;
        }
        History history = hub.history();
        for (int segments = 0; next < hub.live().readable(); ) {
            if (next < history.begin()) {
                return Progress.LOST;
            }
            if (connection.waitingBytes() >= hub.catchUps().turnBytes() || segments == TURN_SEGMENTS) {
                return Progress.MORE;
            }
            Segment segment = history.segment(next);
            long end = Math.min(segment.end(), hub.live().readable());
            long wanted = segment.next(this, next, end);
            next = wanted;
            if (wanted == end) {
                segments++;
                continue;
            }
            Change change = segment.change(wanted);
            if (change == null) {
                unpacking = true;
                history.unpack(segment, this::unpacked);
                return Progress.UNPACKING;
            }
            forEachOf(change.event(), subscription -> deliver(change, subscription));
            seen = change.event().position();
            next++;
        }
        return Progress.LIVE;
    }

    private void unpacked() {
        unpacking = false;
        hub.catchUps().add(connection);
    }

    private void deliver(Change change, Subscription subscription) {
        Group group = subscription.group;
        if (group == null || !subscription.isFor(next, change.event())) {
            return;
        }
        LiveChannel channel = subscription.channel;
        Rendering rendering = channel.show(group, change.event());
        if (rendering.isShown()) {
            Change.Frame frame = hub.changeFrames().of(change, channel.channel(), rendering);
            connection.add(frame.batch(), frame.index());
        }
    }

    @Override
    public @Nullable Subscription resource(String name) {
        return resources.get(name);
    }

    @Override
    public @Nullable Subscription record(String resource, String id) {
        return recordsOf.contains(resource) ? connection.subscription(Channel.recordName(resource, id)) : null;
    }

    @Override
    public Iterable<Subscription> records(String resource) {
        return connection.subscriptions().stream()
                .filter(subscription -> ChangeChannels.isRecordOf(subscription.channel.channel(), resource))
                .toList();
    }

    // ---- what it is interested in

    @Override
    public boolean inResource(String resource) {
        return resources.containsKey(resource);
    }

    @Override
    public boolean inRecord(long key) {
        return Arrays.binarySearch(recordKeys, key) >= 0;
    }

    @Override
    public boolean inRecordsOf(String resource) {
        return recordsOf.contains(resource);
    }

    @Override
    public long[] recordKeys() {
        return recordKeys;
    }
}
