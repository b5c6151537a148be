package dev.rowtide.gateway;

import dev.rowtide.feed.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Up to where the log has been written to the sockets of those who keep up: only so far may the database forget it.
 *
 * <p>A boundary is delivered once each peer that had something waiting when it was reached has taken that, or was found not to keep up: it has needed more than {@value
 * #KEEPS_UP_SECONDS} s for it. So one peer that stands still holds the offset back for that long and not for ever.
 *
 * <p>The fan-out thread's.
 */
final class Deliveries {
    private static final int KEEPS_UP_SECONDS = 2;
    /** Boundaries that wait; beyond this the newest replaces the one before it, which only delays the offset. */
    private static final int MAX_WAITING = 64;

    /** What {@code connection} was given before a boundary ends at {@code given}. */
    private record Due(Connection connection, long given) {}

    private record Waiting(Position boundary, long sinceNanos, List<Due> dues) {}

    private final Set<Connection> behind = new LinkedHashSet<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Position newest;
    private @Nullable Position delivered;

    /** After a cycle has written to it. */
    void written(Connection connection) {
        if (!connection.isCaughtUp()) {
            behind.add(connection);
        }
    }

    /** At the end of a cycle: the last boundary that was reached, and the time. Returns up to where everything is delivered; null before the first boundary. */
    @Nullable
    Position deliveredUpTo(@Nullable Position boundary, long nowNanos) {
        behind.removeIf(Connection::isCaughtUp);
        if (boundary != null && !boundary.equals(newest)) {
            newest = boundary;
            if (waiting.size() == MAX_WAITING) {
                waiting.removeLast();
            }
            List<Due> dues = new ArrayList<>(behind.size());
            behind.forEach(connection -> dues.add(new Due(connection, connection.given())));
            waiting.add(new Waiting(boundary, nowNanos, dues));
        }
        while (!waiting.isEmpty() && isDelivered(waiting.getFirst(), nowNanos)) {
            delivered = waiting.removeFirst().boundary();
        }
        return delivered;
    }

    private static boolean isDelivered(Waiting waiting, long nowNanos) {
        return nowNanos - waiting.sinceNanos() > TimeUnit.SECONDS.toNanos(KEEPS_UP_SECONDS)
                || waiting.dues().stream().allMatch(due -> due.connection().hasWritten(due.given()));
    }
}
