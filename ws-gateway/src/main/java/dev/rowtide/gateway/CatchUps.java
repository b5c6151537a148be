package dev.rowtide.gateway;

import dev.rowtide.feed.GapReason;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that are not live and can take more: each in turn, as many as fit a cycle. Fan-out thread only. */
final class CatchUps {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUps.class);

    /** A cycle hands this much to all of them together. */
    private static final long MAX_BYTES = 8 * 1024 * 1024;

    /** The most that one gets in a turn; about what a socket takes at once. */
    private static final long MAX_TURN_BYTES = 256 * 1024;

    /** And the least: many who are behind share what may wait for them, but each gets on. */
    private static final long MIN_TURN_BYTES = 16 * 1024;

    private static final long MAX_WAITING_BYTES = 32 * 1024 * 1024;

    private final Hub hub;
    private int behind;
    private final Set<Connection> waiting = new LinkedHashSet<>();
    private final Set<Connection> nextCycle = new LinkedHashSet<>();

    CatchUps(Hub hub) {
        this.hub = hub;
    }

    /** One more, or fewer, is not live. */
    void behind(int more) {
        behind += more;
    }

    /** How many bytes one gets in a turn. */
    long turnBytes() {
        return Math.max(MIN_TURN_BYTES, Math.min(MAX_TURN_BYTES, MAX_WAITING_BYTES / Math.max(1, behind)));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** This connection can take more of the history. */
    void add(Connection connection) {
        waiting.add(connection);
    }

    /** This connection has read all there is, and is not live yet: it is looked at again in the next cycle, whenever that is. */
    void addLater(Connection connection) {
        nextCycle.add(connection);
    }

    /** Who has no turn this time is among the first the next time. */
    void turn() {
        waiting.addAll(nextCycle);
        nextCycle.clear();
        long budget = MAX_BYTES;
        for (Connection connection : List.copyOf(waiting)) {
            if (budget <= 0) {
                return;
            }
            waiting.remove(connection);
            hub.limitFrames();
            try {
                budget -= connection.catchUp().turn();
            } catch (RuntimeException e) {
                LOG.error("A connection cannot read on from the history; it is told of a gap and goes on from now", e);
                connection.tellGap(GapReason.SOURCE_LOST);
            }
        }
    }
}
