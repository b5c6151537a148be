package dev.rowtide.gateway;

import java.util.concurrent.atomic.LongAdder;

/** What happened so far. Written by the fan-out and network threads, read by any. */
final class Counters {
    final LongAdder messagesIn = new LongAdder();
    final LongAdder messagesOut = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder changes = new LongAdder();
    final LongAdder slowClosed = new LongAdder();
    final LongAdder fellBehind = new LongAdder();
    final LongAdder undecided = new LongAdder();

    // Written by the fan-out thread only; volatile so that others see them.
    volatile int channels;
    volatile int subscriptions;
    volatile long historyBytes;
    volatile long lagCount;
    volatile long lagNanosTotal;
    volatile long lagNanosMax;

    void sent(int frames, int bytes) {
        messagesOut.add(frames);
        bytesOut.add(bytes);
    }

    /** From a batch's publication to the write of its last change; fan-out thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void lagged(long nanos) {
        lagCount++;
        lagNanosTotal += nanos;
        lagNanosMax = Math.max(lagNanosMax, nanos);
    }
}
