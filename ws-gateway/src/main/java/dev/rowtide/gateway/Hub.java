package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.protocol.CloseCode;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.MessageEncoder;
import dev.rowtide.gateway.protocol.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    private static final int MAX_CATCH_UP_BATCH_BYTES = 256 * 1024;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_TICK_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Clients that are sent away come back spread over this time, and not before the rest has gone. */
    private static final long RECONNECT_SPREAD_MILLIS = 5_000;

    private final GatewayConfig config;
    private final ChannelRules rules;
    private final RowRules rowRules;
    private final RowSource rows;
    private final ConnectionCensus census;
    private final Counters counters;
    private final Ticker ticker;
    private final FanoutThread thread;
    private final ChangeLog log;
    private final History history;
    private final LiveDelivery live;
    private final Resumes resumes = new Resumes(this);

    private final MessageEncoder encoder = new MessageEncoder();
    private final ChangeFrames changeFrames = new ChangeFrames(this, encoder);
    private final ChannelIndex channels = new ChannelIndex();
    private final Set<Connection> connections = new HashSet<>();
    private FrameBatch frames = new FrameBatch();
    private List<Connection> touched = new ArrayList<>();
    private List<Connection> leaving = new ArrayList<>();
    private final CatchUps catchUps = new CatchUps(this);
    private boolean ticking;
    private long tickedNanos;

    private final Map<Group, InvalidFilterException> broken = new HashMap<>();
    private final Deliveries deliveries = new Deliveries();

    Hub(
            GatewayConfig config,
            ChannelRules rules,
            RowRules rowRules,
            RowSource rows,
            ConnectionCensus census,
            Counters counters,
            Ticker ticker) {
        this.config = config;
        this.rules = rules;
        this.rowRules = rowRules;
        this.rows = rows;
        this.census = census;
        this.counters = counters;
        this.ticker = ticker;
        this.thread = new FanoutThread("fanout-0", ticker, this);
        this.log = new ChangeLog(config.history().open(), ticker, thread::wake);
        this.history = new History(
                config.history().maxAge().toNanos(), config.history().maxBytes(), thread::post);
        this.live = new LiveDelivery(this, log, history, channels, counters);
    }

    // ---- for all threads

    /** @throws IOException if what an earlier process has kept of the history cannot be looked at, with a sentence */
    void start() throws IOException {
        log.recover(history);
        live.start();
        thread.start();
    }

    /** Ends the thread when it has run its mail, and lets go of the history's files. */
    void stop(long timeoutMillis) throws InterruptedException {
        thread.stop(timeoutMillis);
        history.close();
        log.closeStore();
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

    RowRules rowRules() {
        return rowRules;
    }

    RowSource rows() {
        return rows;
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

    // ---- a cycle

    @Override
    public boolean hasChanges() {
        return live.hasChanges();
    }

    @Override
    public void takeChanges() {
        live.takeChanges();
    }

    /** Changes are missing for everybody. */
    void tellGap(GapReason reason) {
        channels.forEach(LiveChannel::dropHeldBack);
        for (Connection connection : connections) {
            connection.tellGap(reason);
        }
    }

    @Override
    public boolean write() {
        // Who leaves may be seen leaving by others that are too slow themselves.
        while (!leaving.isEmpty()) {
            List<Connection> left = leaving;
            leaving = new ArrayList<>();
            left.forEach(Connection::leaveAsTooSlow);
        }
        endBroken();
        resumes.settle();
        FrameBatch written = frames;
        catchUps.turn();
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
        if (frames.count() > 0) {
            frames = new FrameBatch();
        }
        live.written();
        log.deliveredUpTo(deliveries.deliveredUpTo(live.boundary(), ticker.nanos()));
        return !touched.isEmpty() || !catchUps.isEmpty() || !broken.isEmpty() || hasChanges();
    }

    private void endBroken() {
        while (!broken.isEmpty()) {
            Map<Group, InvalidFilterException> ended = Map.copyOf(broken);
            broken.clear();
            ended.forEach((group, why) -> group.members().forEach(member -> endSubscription(member, changed(why))));
        }
    }

    private static Problem changed(InvalidFilterException why) {
        return new Problem(
                ErrorCode.BAD_FILTER,
                "the table was changed, and what this subscription shows cannot be decided any more: "
                        + why.getMessage());
    }

    // ---- what connections need

    FrameBatch frames() {
        return frames;
    }

    /** What is encoded for those who catch up goes into batches of its own, none of them large: as long as one frame of a batch is kept, all of it is. */
    void limitFrames() {
        if (frames.bytes() > MAX_CATCH_UP_BATCH_BYTES) {
            frames = new FrameBatch();
        }
    }

    MessageEncoder encoder() {
        return encoder;
    }

    ChangeFrames changeFrames() {
        return changeFrames;
    }

    History history() {
        return history;
    }

    Resumes resumes() {
        return resumes;
    }

    LiveDelivery live() {
        return live;
    }

    /** Up to where changes have been handed to the connections; null before the first. */
    @Nullable
    Position position() {
        return live.position();
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

    /** All that are open. */
    Set<Connection> connections() {
        return connections;
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

    /** A change was shown to nobody of a group, because the log does not have what decides. */
    void undecided() {
        counters.undecided.increment();
    }

    /** The members of this group ask for what their table does not have any more. Groups may be being walked: they are told when the cycle ends. */
    void endSubscriptions(Group group, InvalidFilterException why) {
        broken.put(group, why);
    }

    /** Ends a subscription that its client did not end, and says why. */
    void endSubscription(Subscription subscription, Problem why) {
        Connection connection = subscription.connection;
        String channel = subscription.channel.name();
        leave(subscription, End.CLEAN);
        connection.deliver(frames, encoder.error(frames, channel, null, why, nowMillis()));
    }

    /** A connection reads from the history because it could not keep up. */
    void fellBehind() {
        counters.fellBehind.increment();
    }

    /** Who is not live, and can take more of the history. */
    CatchUps catchUps() {
        return catchUps;
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
