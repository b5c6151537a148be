package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.protocol.CloseCode;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.MessageEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who gets what: all connections, the channels they are in, and one change after the other for them.
 *
 * <p>Everything here belongs to one {@link FanoutThread}; the others {@link #post}. Within a cycle all that is said to anybody is encoded into one {@link FrameBatch}, once, and each
 * connection collects the indices of what is for it, in the order in which it happened: so commit order holds for a connection across all its channels. At the
 * end of the cycle each connection that something was added for is written to, once.
 */
final class Hub implements FanoutThread.Cycle {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    /** A cycle takes changes until it has encoded that much, so that no peer waits long for its write. */
    private static final int MAX_CYCLE_BYTES = 1024 * 1024;

    /** Or until it has taken that many, which may all be for nobody. */
    private static final int MAX_CYCLE_CHANGES = 8 * 1024;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_TICK_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Clients that are sent away come back spread over this time, and not before the rest has gone. */
    private static final long RECONNECT_SPREAD_MILLIS = 5_000;

    private final GatewayConfig config;
    private final ChannelRules rules;
    private final ConnectionCensus census;
    private final Counters counters;
    private final Ticker ticker;
    private final FanoutThread thread;
    private final ChangeLog log;

    private final MessageEncoder encoder = new MessageEncoder();
    private final ChannelIndex channels = new ChannelIndex();
    private final Set<Connection> connections = new HashSet<>();
    private FrameBatch frames = new FrameBatch();
    private List<Connection> touched = new ArrayList<>();
    private List<Connection> leaving = new ArrayList<>();
    private boolean ticking;
    private long tickedNanos;

    // Where the log has been read to. A batch may take several cycles.
    private ChangeLog.@Nullable Batch batch;
    private int batchAt;
    private @Nullable Position position;
    private @Nullable Position boundary;
    private final List<ChangeLog.Batch> writtenWithCycle = new ArrayList<>();
    private final Deliveries deliveries = new Deliveries();

    Hub(GatewayConfig config, ChannelRules rules, ConnectionCensus census, Counters counters, Ticker ticker) {
        this.config = config;
        this.rules = rules;
        this.census = census;
        this.counters = counters;
        this.ticker = ticker;
        this.thread = new FanoutThread("fanout-0", ticker, this);
        this.log = new ChangeLog(ticker, thread::wake);
    }

    // ---- for all threads

    void start() {
        thread.start();
    }

    ChangeLog log() {
        return log;
    }

    FanoutThread thread() {
        return thread;
    }

    void post(Runnable action) {
        thread.post(action);
    }

    ChannelRules rules() {
        return rules;
    }

    GatewayConfig.Limits limits() {
        return config.limits();
    }

    long nanos() {
        return ticker.nanos();
    }

    /** For durations, in milliseconds. */
    long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(ticker.nanos());
    }

    /** For time stamps. */
    long nowMillis() {
        return ticker.millis();
    }

    // ---- the way of a change

    @Override
    public boolean hasChanges() {
        return batch != null || !log.isEmpty();
    }

    @Override
    public void takeChanges() {
        for (int taken = 0; taken < MAX_CYCLE_CHANGES && frames.bytes() < MAX_CYCLE_BYTES; ) {
            ChangeLog.Batch current = batch;
            if (current != null) {
                // Counted before it is delivered: one that cannot be encoded is not tried for ever.
                DataChangeEvent event = current.events().get(batchAt++);
                if (batchAt == current.events().size()) {
                    batch = null;
                    writtenWithCycle.add(current);
                }
                taken++;
                try {
                    deliver(event);
                } catch (RuntimeException e) {
                    LOG.error(
                            "The change at {} could not be delivered; its subscribers are told of a gap",
                            event.position(),
                            e);
                    tellGap(GapReason.SOURCE_LOST);
                }
                continue;
            }
            ChangeLog.Entry entry = log.next();
            if (entry == null) {
                return;
            } else if (entry instanceof ChangeLog.Batch next) {
                batch = next;
                batchAt = 0;
            } else if (entry instanceof ChangeLog.Reached reached) {
                position = reached.boundary();
                boundary = reached.boundary();
            } else if (entry instanceof ChangeLog.Lost lost) {
                tellGap(lost.reason());
                position = lost.first();
                boundary = lost.first();
            }
        }
    }

    /** One change to all that want it: encoded at most once, and not at all if nobody does. */
    void deliver(DataChangeEvent event) {
        position = event.position();
        counters.changes.increment();
        LiveChannel resource = channels.find(Channel.RESOURCE, event.resource());
        if (event.operation() == Operation.TRUNCATE) {
            Collection<LiveChannel> records = channels.withPrefix(event.resource());
            if (resource != null || !records.isEmpty()) {
                encoder.prepare(event);
                deliverPrepared(resource, event.operation());
                records.forEach(record -> deliverPrepared(record, event.operation()));
            }
            return;
        }
        LiveChannel record = event.id() == null
                ? null
                : channels.find(event.resource(), event.id().text());
        if (resource != null || record != null) {
            encoder.prepare(event);
            deliverPrepared(resource, event.operation());
            deliverPrepared(record, event.operation());
        }
    }

    private void deliverPrepared(@Nullable LiveChannel channel, Operation operation) {
        if (channel != null && channel.wants(operation)) {
            channel.deliver(frames, encoder.dataChange(frames, channel.name(), nowMillis()), operation);
        }
    }

    private void tellGap(GapReason reason) {
        channels.forEach(channel -> {
            if (rules.isRowChannel(channel.channel()) && channel.clients() > 0) {
                channel.deliverToAll(frames, encoder.gap(frames, channel.name(), position, reason, nowMillis()));
            }
        });
    }

    @Override
    public boolean write() {
        // Who leaves may be seen leaving by others that are too slow themselves.
        while (!leaving.isEmpty()) {
            List<Connection> left = leaving;
            leaving = new ArrayList<>();
            left.forEach(Connection::leaveAsTooSlow);
        }
        FrameBatch written = frames;
        List<Connection> writing = touched;
        touched = new ArrayList<>();
        for (Connection connection : writing) {
            try {
                if (connection.flush(written)) {
                    touched.add(connection);
                }
                deliveries.written(connection);
            } catch (RuntimeException e) {
                LOG.error("A connection could not be written to and is cut off; the others go on", e);
                connection.abort();
            }
        }
        if (written.count() > 0) {
            frames = new FrameBatch();
        }
        long now = ticker.nanos();
        writtenWithCycle.forEach(done -> counters.lagged(now - done.publishedNanos()));
        writtenWithCycle.clear();
        log.deliveredUpTo(deliveries.deliveredUpTo(boundary, now));
        return !touched.isEmpty() || hasChanges();
    }

    // ---- what connections need

    FrameBatch frames() {
        return frames;
    }

    MessageEncoder encoder() {
        return encoder;
    }

    /** Up to where changes have been handed to the connections; null before the first. */
    @Nullable
    Position position() {
        return position;
    }

    void after(long delayNanos, Runnable action) {
        thread.after(delayNanos, action);
    }

    void add(Connection connection) {
        connections.add(connection);
        if (!ticking) {
            ticking = true;
            tickedNanos = ticker.nanos();
            after(TICK_NANOS, this::tick);
        }
    }

    void forget(Connection connection) {
        if (connections.remove(connection)) {
            census.closed(connection.identity().userId());
        }
    }

    /** Something was added for this connection: it is written to when the cycle ends. */
    void touch(Connection connection) {
        touched.add(connection);
    }

    /** This connection was found too slow while groups are being walked. */
    void leaveAfterCycle(Connection connection) {
        counters.slowClosed.increment();
        leaving.add(connection);
    }

    LiveChannel open(Channel channel) {
        LiveChannel live = channels.findOrAdd(
                channel,
                name -> new LiveChannel(
                        name,
                        !config.presence().enabled()
                                ? null
                                : new ChannelPresence(
                                        config.presence().leaveGrace().toMillis(),
                                        config.presence().maxListedUsers()),
                        this));
        counters.channels = channels.size();
        return live;
    }

    /** How many subscriptions there are more, or fewer, than before. */
    void subscribed(int more) {
        counters.subscriptions = counters.subscriptions + more;
    }

    void leave(Subscription subscription, End end) {
        LiveChannel channel = subscription.channel;
        Connection connection = subscription.connection;
        connection.remove(subscription);
        channel.remove(subscription);
        subscribed(-1);
        PresenceFeed presence = channel.presence();
        if (presence != null) {
            presence.hide(subscription, connection.identity(), end);
            presence.tell();
        }
        releaseIfEmpty(channel);
    }

    void leaveAll(Connection connection, End end) {
        for (Subscription subscription : List.copyOf(connection.subscriptions())) {
            leave(subscription, end);
        }
    }

    void releaseIfEmpty(LiveChannel channel) {
        channels.removeIfEmpty(channel);
        counters.channels = channels.size();
    }

    /** Returns to how many connections it was handed. */
    int broadcast(Channel channel, String payloadJson, @Nullable String userId, @Nullable Connection except) {
        LiveChannel live = channels.find(channel);
        if (live == null || live.clients() == 0) {
            return 0;
        }
        int frame = encoder.broadcast(frames, channel.name(), payloadJson, userId, nowMillis());
        return live.deliverBroadcast(frames, frame, except);
    }

    ChannelIndex channels() {
        return channels;
    }

    // ---- time

    private void tick() {
        long nowNanos = ticker.nanos();
        long nowMillis = ticker.millis();
        // Who was stopped itself (a suspended machine, a long collection) cannot say who was silent meanwhile.
        boolean paused = nowNanos - tickedNanos > MAX_TICK_NANOS;
        tickedNanos = nowNanos;
        for (Connection connection : List.copyOf(connections)) {
            if (paused) {
                connection.heard(nowNanos);
            }
            connection.tick(nowNanos, nowMillis);
        }
        ticking = !connections.isEmpty();
        if (ticking) {
            after(TICK_NANOS, this::tick);
        }
    }

    /** Tells everybody to come back later and closes them one after the other over {@code time}. */
    void drain(Duration time) {
        if (hasChanges()) {
            // First what was published: the log is closed, so there is an end to it.
            post(() -> drain(time));
            return;
        }
        List<Connection> all = List.copyOf(connections);
        long stepNanos = all.isEmpty() ? 0 : time.toNanos() / all.size();
        long earliestMillis = time.toMillis();
        for (int i = 0; i < all.size(); i++) {
            Connection connection = all.get(i);
            long reconnectIn = earliestMillis + ThreadLocalRandom.current().nextLong(RECONNECT_SPREAD_MILLIS) + 1;
            connection.deliver(frames, encoder.closing(frames, CloseCode.DRAINING, reconnectIn, nowMillis()));
            after(stepNanos * i, () -> connection.close(CloseCode.DRAINING));
        }
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    /** Cuts off who is left. */
    void abortAll() {
        List.copyOf(connections).forEach(Connection::abort);
    }
}
