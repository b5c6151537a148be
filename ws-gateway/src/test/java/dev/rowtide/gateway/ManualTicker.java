package dev.rowtide.gateway;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands until it is set forward. */
final class ManualTicker implements Ticker {
    // The handshake has a clock of its own, so this one begins at the same time.
    private final long beganMillis = System.currentTimeMillis();
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public long millis() {
        return beganMillis + TimeUnit.NANOSECONDS.toMillis(nanos.get());
    }

    void advanceSeconds(long seconds) {
        advance(Duration.ofSeconds(seconds));
    }

    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
