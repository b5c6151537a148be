package dev.rowtide.cdc.snapshot;

import java.time.Duration;

/**
 * What snapshots may cost.
 *
 * <p>An open snapshot is a burden: PostgreSQL cannot remove what was deleted since it was taken, nor change the table's definition meanwhile, and SQLite cannot start its log over. So each has an end, and
 * nobody keeps one open by being slow.
 *
 * @param connections how many are read at the same time, each on a connection of its own; those that have been idle for a while are closed
 * @param maxWaiting how many requests may wait for one of them; the next is refused
 * @param maxWait how long a request waits before it is refused
 * @param maxTime how long one may take, from the moment it is taken
 * @param maxStall how long a subscriber may leave a chunk waiting
 */
public record SnapshotLimits(int connections, int maxWaiting, Duration maxWait, Duration maxTime, Duration maxStall) {
    public static final SnapshotLimits DEFAULT =
            new SnapshotLimits(2, 10_000, Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofSeconds(30));

    public SnapshotLimits {
        if (connections < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException("there must be room for one snapshot at least, not for " + connections
                    + " being read and " + maxWaiting + " waiting");
        }
        if (!isPositive(maxWait) || !isPositive(maxTime) || !isPositive(maxStall)) {
            throw new IllegalArgumentException(
                    "the times of snapshots must be longer than none: " + maxWait + ", " + maxTime + ", " + maxStall);
        }
    }

    private static boolean isPositive(Duration time) {
        return !time.isNegative() && !time.isZero();
    }
}
