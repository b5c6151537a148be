package dev.rowtide.cdc;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: "full jitter" between half and the whole of a time that doubles, so that many bridges do not come back to a
 * restarted database at the same moment.
 *
 * <p>Not thread-safe.
 */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** The wait after one more failure. */
    Duration next() {
        long ceiling = Math.min(longest.toMillis(), first.toMillis() << Math.min(failures, 20));
        failures++;
        return Duration.ofMillis(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }

    /** After a success. */
    void reset() {
        failures = 0;
    }
}
