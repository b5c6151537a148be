package dev.rowtide.cdc;

import dev.rowtide.feed.Position;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the engine counts. Written by the engine's threads, read by anyone.
 *
 * <p>The lag is ours, from the commit time that each change carries; Debezium's own statistics are muted. It compares two clocks, the database's and this
 * machine's.
 */
public final class EngineMetrics {
    private final LongSupplier clockMillis;
    private final LongAdder changes = new LongAdder();
    private final LongAdder transactions = new LongAdder();
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong epochs = new AtomicLong();
    private volatile long lagMillis;
    private volatile long signOfLifeMillis;
    private volatile @Nullable Position marked;

    EngineMetrics(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    /** Changes that were decoded for a resource, since the process started; redelivered ones count again. */
    public long changes() {
        return changes.sum();
    }

    /** Transactions whose end was read; those without a watched table and the heartbeat's own count too. */
    public long transactions() {
        return transactions.sum();
    }

    /** How often the engine was started; one more than how often it failed. */
    public long runs() {
        return runs.get();
    }

    /** How often a new epoch began because changes may have been missed. */
    public long lostSources() {
        return epochs.get();
    }

    /** Time from commit to decoding of the newest change, in milliseconds; 0 before the first. */
    public long lagMillis() {
        return lagMillis;
    }

    /** Time since the database's log brought anything, in milliseconds; on a quiet database the heartbeat brings something each second. */
    public long silentMillis() {
        long last = signOfLifeMillis;
        return last == 0 ? 0 : Math.max(0, clockMillis.getAsLong() - last);
    }

    /** The boundary that was last marked for storing, or null. */
    public @Nullable Position marked() {
        return marked;
    }

    void change(long committedAtMillis) {
        changes.increment();
        lagMillis = Math.max(0, clockMillis.getAsLong() - committedAtMillis);
    }

    void transaction() {
        transactions.increment();
    }

    void started() {
        runs.incrementAndGet();
        signOfLifeMillis = 0;
    }

    void sourceLost() {
        epochs.incrementAndGet();
    }

    void signOfLife() {
        signOfLifeMillis = clockMillis.getAsLong();
    }

    boolean alive() {
        return signOfLifeMillis != 0;
    }

    void marked(Position boundary) {
        marked = boundary;
    }
}
