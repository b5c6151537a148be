package dev.rowtide.sqlite.state;

import java.time.Duration;

/**
 * What only tests set otherwise.
 *
 * @param segmentBytes how long a segment of the spool gets before another one is begun
 * @param flushInterval how long after a flush what was acknowledged may wait for the next
 * @param probe sees every step
 */
record Tuning(long segmentBytes, Duration flushInterval, Probe probe) {
    private static final long LARGEST_SEGMENT = 64L << 20;

    /** Segments are deleted whole, so a small spool needs small ones to become free piece by piece. */
    static Tuning forSpoolOf(long maxSpoolBytes) {
        return new Tuning(Math.min(LARGEST_SEGMENT, maxSpoolBytes / 4), Duration.ofSeconds(1), Probe.NONE);
    }
}
