package dev.rowtide.gateway;

import java.util.concurrent.TimeUnit;

/** So much per second in the long run, and so much at once. For one thread at a time. */
final class TokenBucket {
    private final double perNano;
    private final double capacity;
    private double tokens;
    private long atNanos;

    TokenBucket(int perSecond, int burst, long nowNanos) {
        this.perNano = (double) perSecond / TimeUnit.SECONDS.toNanos(1);
        this.capacity = burst;
        this.tokens = burst;
        this.atNanos = nowNanos;
    }

    boolean tryTake(long nowNanos) {
        tokens = Math.min(capacity, tokens + (nowNanos - atNanos) * perNano);
        atNanos = nowNanos;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** How long until {@link #tryTake} succeeds again, as of its last call; at least 1. */
    long waitMillis() {
        return Math.max(1, (long) Math.ceil((1 - tokens) / perNano / TimeUnit.MILLISECONDS.toNanos(1)));
    }
}
