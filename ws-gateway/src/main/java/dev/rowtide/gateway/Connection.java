package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
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

    /** From the decision to close until the socket is closed without further waiting. */
    private static final long CLOSE_GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

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
    private long pingedNanos;
    private volatile long heardNanos;

    Connection(Hub hub, Identity identity, PeerWriter writer, long maxOutboxBytes, long heartbeatNanos) {
        this.hub = hub;
        this.identity = identity;
        this.writer = writer;
        this.outbox = new Outbox(maxOutboxBytes);
        this.heartbeatNanos = heartbeatNanos;
        this.heardNanos = hub.nanos();
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
    Subscription subscription(Channel channel) {
        return subscriptions.get(channel.name());
    }

    Collection<Subscription> subscriptions() {
        return subscriptions.values();
    }

    void add(Subscription subscription) {
        if (subscriptions.isEmpty()) {
            subscriptions = new HashMap<>(4);
        }
        subscriptions.put(subscription.channel.name(), subscription);
    }

    void remove(Subscription subscription) {
        subscriptions.remove(subscription.channel.name());
        if (subscriptions.isEmpty()) {
            subscriptions = Map.of();
        }
    }

    // ---- what it gets

    /** Adds a frame to what waits for this peer; never blocks. Over the bound the connection ends: until there is a history, it could not catch up. */
    void deliver(FrameBatch frames, int frame) {
        if (state == State.OPEN) {
            add(frames, frame, false);
        }
    }

    /** The same for a broadcast, of which less may wait. */
    void deliverBroadcast(FrameBatch frames, int frame) {
        if (state == State.OPEN) {
            add(frames, frame, true);
        }
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
        for (int frame = first; frame < last && state == State.OPEN; frame++) {
            add(frames, frame, false);
        }
    }

    private void add(FrameBatch frames, int frame, boolean broadcast) {
        if (outbox.add(frames, frame, broadcast)) {
            touch();
            return;
        }
        // Groups are being walked: it leaves its channels when the cycle ends.
        outbox.clear();
        state = State.CLOSING;
        closeCode = CloseCode.SLOW_CONSUMER;
        hub.leaveAfterCycle(this);
    }

    private void touch() {
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
            return false;
        }
        if (writer.isPending()) {
            outbox.settle(cycleFrames);
            touched = false;
            return false;
        }
        return true;
    }

    /** Whether everything that it was given has been written, or will never be. */
    boolean isCaughtUp() {
        return state != State.OPEN || (outbox.isEmpty() && !writer.isPending());
    }

    /** The end of what it was given so far, for {@link #hasWritten}. */
    long given() {
        return outbox.added();
    }

    /** Whether everything up to {@code given} has been written, or will never be. */
    boolean hasWritten(long given) {
        noteWritten();
        return state != State.OPEN || written >= given;
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
        tellMissedPresence();
        if (!outbox.isEmpty() || state == State.CLOSING) {
            touch();
        }
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
        if (nowNanos - heardNanos > heartbeatNanos + PONG_GRACE_NANOS) {
            close(CloseCode.NO_PONG);
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

    /** After {@link #add} found it too slow; nothing waits any more but what the writer has. */
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
            outbox.clear();
            hub.leaveAll(this, end);
            hub.forget(this);
        }
    }

    private void abortLater() {
        hub.after(CLOSE_GRACE_NANOS, this::abort);
    }
}
