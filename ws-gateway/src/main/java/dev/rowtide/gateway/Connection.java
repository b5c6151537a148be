package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.protocol.CloseCode;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.Problem;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client: what it is subscribed to, what waits for it, and how it ends. Fan-out thread only, but for {@link #heard}.
 *
 * <p>It is open, then closing, then gone. A closing connection is in no channel any more and takes no further messages; what waits for it is still sent, then the
 * CLOSE frame, and whoever has not answered that in time is cut off.
 */
final class Connection {
    /** How long a client may be silent beyond the heartbeat interval: the time that a pong may take. */
    private static final long PONG_GRACE_NANOS = TimeUnit.SECONDS.toNanos(8);

    /** A peer that reads may be as slow as 1 Mbit/s without being taken for gone. */
    private static final double SLOWEST_BYTES_A_SECOND = 125_000;

    private static final long MAX_READING_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** From the decision to close until the socket is closed without further waiting. */
    private static final long CLOSE_GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A peer that is slower than changes come, and of which more than this had to be copied, reads on from the history. */
    private static final long COPIED_BACKLOG_BYTES = 64 * 1024;

    /** While more than this waits, presence is not added: the peer gets its latest state when it has caught up. */
    private static final long PRESENCE_BACKLOG_BYTES = 64 * 1024;

    private enum State {
        OPEN,
        CLOSING,
        GONE
    }

    private final Hub hub;
    private final PeerWriter writer;
    private final Outbox outbox;
    private final CatchUp catchUp;
    private final long heartbeatNanos;
    private Identity identity;
    // Most connections have few; none costs nothing.
    private Map<String, Subscription> subscriptions = Map.of();
    private State state = State.OPEN;
    private @Nullable CloseCode closeCode;
    private boolean closeSent;
    private boolean touched;
    private boolean presenceStale;
    private long written;
    private long wroteNanos;
    private long newestChange = -1;
    private long pingedNanos;
    private volatile long heardNanos;
    private long tookNanos;
    private long heardAtTick;
    private long takenWhenHeard;

    Connection(Hub hub, Identity identity, PeerWriter writer, long maxOutboxBytes, long heartbeatNanos) {
        this.hub = hub;
        this.identity = identity;
        this.writer = writer;
        this.outbox = new Outbox(maxOutboxBytes);
        this.catchUp = new CatchUp(hub, this);
        this.heartbeatNanos = heartbeatNanos;
        this.heardNanos = hub.nanos();
        this.tookNanos = heardNanos;
        this.pingedNanos = heardNanos;
    }

    Identity identity() {
        return identity;
    }

    void identify(Identity identity) {
        this.identity = identity;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    // ---- subscriptions

    @Nullable
    Subscription subscription(String channelName) {
        return subscriptions.get(channelName);
    }

    Collection<Subscription> subscriptions() {
        return subscriptions.values();
    }

    void add(Subscription subscription) {
        if (subscriptions.isEmpty()) {
            subscriptions = new HashMap<>(4);
        }
        subscriptions.put(subscription.channel.name(), subscription);
        subscription.from = hub.live().next();
        catchUp.subscriptionsChanged();
    }

    void remove(Subscription subscription) {
        subscription.endSnapshot();
        subscriptions.remove(subscription.channel.name());
        if (subscriptions.isEmpty()) {
            subscriptions = Map.of();
        }
        catchUp.subscriptionsChanged();
    }

    /** How it becomes live, and whether it is. */
    CatchUp catchUp() {
        return catchUp;
    }

    // ---- what it gets

    /** Adds an encoded change to what waits for this peer, if it is live; never blocks. Over the bound the peer reads on from the history. */
    void deliverChange(FrameBatch frames, int frame) {
        if (state != State.OPEN || !catchUp.isLive()) {
            return;
        }
        // A change that began to be added, on one of its channels, is added whole: the cursor begins behind it.
        if (newestChange != hub.live().next() && outbox.isFull()) {
            catchUp.fallBehind();
            return;
        }
        newestChange = hub.live().next();
        add(frames, frame);
    }

    /** The same for several that belong together: all of them, or none. */
    void deliverChanges(FrameBatch frames, int first, int last) {
        if (state != State.OPEN || !catchUp.isLive()) {
            return;
        }
        if (outbox.isFull()) {
            catchUp.fallBehind();
            return;
        }
        for (int frame = first; frame < last; frame++) {
            add(frames, frame);
        }
    }

    /** The same for one that was read from the history. */
    void add(FrameBatch frames, int frame) {
        outbox.addChange(frames, frame);
        touch();
    }

    /** Adds an answer, presence or a broadcast, of which little may wait: it is nowhere else. Over the bound the connection ends. */
    void deliver(FrameBatch frames, int frame) {
        if (state != State.OPEN) {
            return;
        }
        if (outbox.add(frames, frame)) {
            touch();
            return;
        }
        tooSlow();
    }

    /** The same for presence, which is only marked as missed while much is waiting. */
    void deliverPresence(Subscription subscription, FrameBatch frames, int first, int last) {
        if (state != State.OPEN) {
            return;
        }
        if (outbox.bytes() > PRESENCE_BACKLOG_BYTES) {
            subscription.presenceStale = true;
            presenceStale = true;
            return;
        }
        for (int frame = first; frame < last; frame++) {
            deliver(frames, frame);
        }
    }

    /** Something waits for it, or can be read for it: it is written to when the cycle ends. */
    void touch() {
        if (!touched) {
            touched = true;
            hub.touch(this);
        }
    }

    // ---- the end of a cycle

    /** Writes what waits, as much as one turn takes. True if it is to be called again in the next cycle. */
    boolean flush(FrameBatch cycleFrames) {
        if (!outbox.isEmpty() && !writer.isPending() && state != State.GONE) {
            noteWritten();
            wroteNanos = hub.nanos();
            writer.write(outbox);
        }
        if (outbox.isEmpty()) {
            CloseCode code = closeCode;
            if (state == State.CLOSING && code != null && !closeSent) {
                closeSent = true;
                writer.close(code);
            }
            touched = false;
            tellMissedPresence();
            takeMore();
            return false;
        }
        if (writer.isPending()) {
            if (!catchUp.isLive()) {
                outbox.settleAll();
            } else if (outbox.settle(cycleFrames) && outbox.bytes() > COPIED_BACKLOG_BYTES) {
                catchUp.fallBehind();
            }
            touched = false;
            return false;
        }
        return true;
    }

    /** Whether it has taken all that it was given. */
    boolean canTake() {
        return state == State.OPEN && outbox.isEmpty() && !writer.isPending();
    }

    /** More can come, from the history and of the snapshots that it takes. */
    private void takeMore() {
        catchUp.readOn();
        if (canTake() && !catchUp.isLive()) {
            for (Subscription subscription : subscriptions.values()) {
                if (subscription.snapshot != null) {
                    subscription.snapshot.takeMore();
                }
            }
        }
    }

    /** Changes are missing for all its subscriptions to changes. */
    void tellGap(GapReason reason) {
        if (state == State.OPEN) {
            catchUp.tellGap(reason);
        }
    }

    /** Changes are missing for one subscription. */
    void tellGap(Subscription subscription, @Nullable Position since, GapReason reason) {
        String channel = subscription.channel.name();
        deliver(hub.frames(), hub.encoder().gap(hub.frames(), channel, since, reason, hub.nowMillis()));
    }

    // ---- how far it is

    /** Up to where it has been given everything on all its channels; null if that is not known. */
    @Nullable
    Position position() {
        Position position = catchUp.isLive() ? hub.position() : null;
        for (Subscription subscription : subscriptions.values()) {
            Position held = subscription.heldBackSince();
            if (position != null && held != null && position.isAfter(held)) {
                position = held;
            }
        }
        return position;
    }

    /** Whether everything that it was given has been written, or will never be. */
    boolean isCaughtUp() {
        return state != State.OPEN || (catchUp.isLive() && canTake());
    }

    /** What waits for the peer, in bytes. */
    long waitingBytes() {
        return outbox.bytes();
    }

    /** The end of what it was given so far, for {@link #hasWritten}. */
    long given() {
        return outbox.added();
    }

    /** Whether everything up to {@code given} has been written, or will never be. */
    boolean hasWritten(long given) {
        noteWritten();
        return state != State.OPEN || (catchUp.isLive() && written >= given);
    }

    /** What was taken is written once the writer is not pending. */
    private void noteWritten() {
        if (!writer.isPending()) {
            written = outbox.taken();
        }
    }

    /** The writer can take more. */
    void drained() {
        noteWritten();
        // Whoever takes data is alive, however late its pong is behind it.
        tookNanos = hub.nanos();
        tellMissedPresence();
        if (!outbox.isEmpty() || state == State.CLOSING) {
            touch();
        }
        takeMore();
    }

    private void tellMissedPresence() {
        if (!presenceStale || outbox.bytes() > PRESENCE_BACKLOG_BYTES || state != State.OPEN) {
            return;
        }
        presenceStale = false;
        for (Subscription subscription : subscriptions.values()) {
            PresenceFeed presence = subscription.channel.presence();
            if (subscription.presenceStale && presence != null) {
                subscription.presenceStale = false;
                presence.tellState(subscription, identity);
            }
        }
    }

    // ---- liveness

    /** Something arrived. From any thread. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** Looks at the clock; about once a second. */
    void tick(long nowNanos, long nowMillis) {
        if (state != State.OPEN) {
            return;
        }
        long silent = Math.min(nowNanos - heardNanos, nowNanos - tookNanos);
        if (silent > heartbeatNanos + PONG_GRACE_NANOS + readingNanos()) {
            close(CloseCode.NO_PONG);
            return;
        }
        if (writer.isPending()
                && nowNanos - wroteNanos > hub.limits().stalledAfter().toNanos()) {
            tooSlow();
            return;
        }
        if (nowNanos - pingedNanos >= heartbeatNanos) {
            pingedNanos = nowNanos;
            writer.ping();
        }
        if (identity.expiresAtMillis() > 0 && identity.expiresAtMillis() <= nowMillis) {
            close(
                    CloseCode.RESYNC,
                    new Problem(ErrorCode.TOKEN_EXPIRED, "the credential has expired; reconnect with a new one"));
        }
    }

    /** How long a slow peer may need for what it was sent since it was heard: its pong waits behind that, for much of it may be in its machine already, tens of megabytes. */
    private long readingNanos() {
        long heard = heardNanos;
        if (heard != heardAtTick) {
            heardAtTick = heard;
            takenWhenHeard = outbox.taken();
        }
        double seconds = (double) (outbox.taken() - takenWhenHeard) / SLOWEST_BYTES_A_SECOND;
        return (long) Math.min(MAX_READING_NANOS, seconds * TimeUnit.SECONDS.toNanos(1));
    }

    // ---- the end

    /** Says why, then closes. */
    void close(CloseCode code, Problem why) {
        if (state == State.OPEN) {
            deliver(hub.frames(), hub.encoder().error(hub.frames(), null, null, why, hub.nowMillis()));
            close(code);
        }
    }

    /** Leaves all channels, sends what waits and then the CLOSE frame. */
    void close(CloseCode code) {
        if (state == State.OPEN) {
            state = State.CLOSING;
            closeCode = code;
            hub.leaveAll(this, End.UNCLEAN);
            touch();
            abortLater();
        }
    }

    /** It takes nothing, or lets pile up what is nowhere else. Groups may be being walked: it leaves its channels when the cycle ends. */
    private void tooSlow() {
        outbox.clear();
        catchUp.stop();
        state = State.CLOSING;
        closeCode = CloseCode.SLOW_CONSUMER;
        hub.leaveAfterCycle(this);
    }

    /** After it was found too slow; nothing waits any more but what the writer has. */
    void leaveAsTooSlow() {
        hub.leaveAll(this, End.UNCLEAN);
        closeSent = true;
        writer.close(CloseCode.SLOW_CONSUMER);
        abortLater();
    }

    /** Cuts it off, whatever is waiting. */
    void abort() {
        if (state != State.GONE) {
            writer.abort();
            gone(End.UNCLEAN);
        }
    }

    /** The peer has said that it goes, or is gone already. */
    void left(End end) {
        if (state != State.GONE) {
            gone(end);
            // The answer to its CLOSE may wait behind data that it does not read any more.
            hub.after(CLOSE_GRACE_NANOS, writer::abort);
        }
    }

    private void gone(End end) {
        if (state != State.GONE) {
            state = State.GONE;
            catchUp.stop();
            outbox.clear();
            hub.leaveAll(this, end);
            hub.forget(this);
        }
    }

    private void abortLater() {
        hub.after(CLOSE_GRACE_NANOS, this::abort);
    }
}
