package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.history.History;
import dev.rowtide.gateway.history.Segment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change after the other, from the log into the history and to all that want it and are live. Fan-out thread only.
 *
 * <p>It is a reader of the history like those that catch up, and the first of them: a batch may take it several cycles, and after a restart it begins before the end of what an earlier process has
 * kept.
 */
final class LiveDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(LiveDelivery.class);

    /** A cycle takes changes until it has encoded that much, so that no peer waits long for its write. */
    private static final int MAX_CYCLE_BYTES = 1024 * 1024;

    /** Or until it has taken that many, which may all be for nobody. */
    private static final int MAX_CYCLE_CHANGES = 8 * 1024;

    private final Hub hub;
    private final ChangeLog log;
    private final History history;
    private final ChannelIndex channels;
    private final Counters counters;

    private ChangeLog.@Nullable Batch batch;
    private long next;
    private boolean sourceSilent;
    private boolean unpacking;
    private @Nullable Position position;
    private @Nullable Position boundary;
    private final List<ChangeLog.Batch> writtenWithCycle = new ArrayList<>();

    LiveDelivery(Hub hub, ChangeLog log, History history, ChannelIndex channels, Counters counters) {
        this.hub = hub;
        this.log = log;
        this.history = history;
        this.channels = channels;
        this.counters = counters;
    }

    /** Begins behind what an earlier process has kept, until the source says where it begins. */
    void start() {
        next = history.end();
    }

    /** The number up to which may be read from the history. */
    long readable() {
        return sourceSilent ? history.end() : next;
    }

    /** The number of the change that is being delivered, or will be next. */
    long next() {
        return next;
    }

    /** Up to where changes have been handed to the connections; null before the first. */
    @Nullable
    Position position() {
        return position;
    }

    /** The last place between two transactions up to where that is so; null before the first. */
    @Nullable
    Position boundary() {
        return boundary;
    }

    boolean hasChanges() {
        return !unpacking && (canDeliver() || batch != null || !log.isEmpty());
    }

    private boolean canDeliver() {
        return next < history.end() && !sourceSilent;
    }

    /** As many as fit one cycle. */
    void takeChanges() {
        for (int taken = 0; taken < MAX_CYCLE_CHANGES && hub.frames().bytes() < MAX_CYCLE_BYTES && !unpacking; ) {
            if (canDeliver()) {
                deliverNext();
                taken++;
                continue;
            }
            if (batch != null) {
                writtenWithCycle.add(batch);
                batch = null;
            }
            if (sourceSilent && !log.isEmpty()) {
                sourceSilent = false;
                continue;
            }
            ChangeLog.Entry entry = log.next();
            if (entry == null) {
                return;
            }
            take(entry);
        }
    }

    private void take(ChangeLog.Entry entry) {
        if (entry instanceof ChangeLog.Batch newest) {
            if (!history.isPlaced()) {
                place(newest.events().get(0).position().before());
            }
            sourceSilent = false;
            batch = newest;
            history.append(newest.events(), newest.pack(), newest.publishedNanos());
        } else if (entry instanceof ChangeLog.Placed placed) {
            place(placed.boundary());
        } else if (entry instanceof ChangeLog.Reached reached) {
            history.reached(reached.boundary());
            history.expire(hub.nanos());
            position = reached.boundary();
            boundary = reached.boundary();
        } else if (entry instanceof ChangeLog.Lost lost) {
            hub.tellGap(lost.reason());
            history.restart(lost.reason(), lost.first());
            position = lost.first();
            boundary = lost.first();
        }
    }

    /**
     * The source begins, perhaps before the end of what an earlier process has kept: that end had not been written to everybody and is delivered from here. But not before the source
     * brings something, a second or two later: then those who connect again at once are here.
     */
    private void place(Position begin) {
        next = history.place(begin);
        sourceSilent = true;
        position = begin;
        boundary = begin;
    }

    private void deliverNext() {
        if (next < history.begin()) {
            // Only of what an earlier process has kept: it could not be read, or more came than is kept.
            hub.tellGap(GapReason.HISTORY_EXPIRED);
            next = history.begin();
            return;
        }
        Segment segment = history.segment(next);
        Change change = segment.change(next);
        if (change == null) {
            unpacking = true;
            history.unpack(segment, () -> unpacking = false);
            return;
        }
        counters.changes.increment();
        try {
            channels.forEachOf(change.event(), channel -> channel.deliver(change));
        } catch (RuntimeException e) {
            LOG.error("Change {} could not be delivered; its subscribers are told of a gap", next, e);
            hub.tellGap(GapReason.SOURCE_LOST);
        } finally {
            // Also when it failed: one that cannot be encoded is not tried for ever.
            next++;
            position = change.event().position();
        }
    }

    /** The cycle's writes are done, and with them those of the batches that it delivered the last of. */
    void written() {
        long now = hub.nanos();
        writtenWithCycle.forEach(done -> counters.lagged(now - done.publishedNanos()));
        writtenWithCycle.clear();
        counters.historyBytes = history.bytes();
    }
}
