package dev.rowtide.gateway;

import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns connections, subscriptions, presence and outboxes, so that none of these needs a lock.
 *
 * <p>It runs in cycles: take the mail, take what was published, run the timers that are due, write to every peer that something was added for. While a cycle runs more
 * piles up, so batches grow with the load by themselves and there is no timer that holds a message back. All others reach it by {@link #post} alone; it
 * parks when there is nothing to do, and only then a poster pays for waking it.
 */
final class FanoutThread {
    private static final Logger LOG = LoggerFactory.getLogger(FanoutThread.class);
    private static final int MAX_MAIL_PER_CYCLE = 1024;
    // A bound to be safe against a clock that tests set: timers are looked at this often at least while one is waiting.
    private static final long MAX_PARK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The work of a cycle besides mail and timers. */
    interface Cycle {
        /** Takes some of what was published. */
        void takeChanges();

        /** Whether something published has not been taken. */
        boolean hasChanges();

        /** Writes. True if there is more to take or to write at once, so that the next cycle follows without a pause. */
        boolean write();
    }

    private record Timer(long dueNanos, long sequence, Runnable action) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            // nanoTime may overflow: compare differences.
            int byTime = Long.signum(dueNanos - other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private final Queue<Runnable> mail = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Ticker ticker;
    private final Cycle cycle;
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopped;
    private long timerSequence;

    FanoutThread(String name, Ticker ticker, Cycle cycle) {
        this.ticker = ticker;
        this.cycle = cycle;
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** Runs {@code action} on this thread, after all that this caller posted before. From any thread; never blocks. */
    void post(Runnable action) {
        mail.add(action);
        wake();
    }

    /** Makes a cycle run soon. From any thread. */
    void wake() {
        // Both this read and the write in park() are volatile, as is the queue's link: either the poster sees 'parked'
        // or the thread sees the mail.
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Runs {@code action} on this thread in {@code delayNanos}. On this thread only. */
    void after(long delayNanos, Runnable action) {
        timers.add(new Timer(ticker.nanos() + delayNanos, timerSequence++, action));
    }

    /** Whether the caller is this thread. */
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Ends when the mail that is there has been run; waits for it. Mail that comes later is never run. */
    void stop(long timeoutMillis) throws InterruptedException {
        post(() -> stopped = true);
        if (!isCurrent()) {
            thread.join(timeoutMillis);
            if (thread.isAlive()) {
                thread.interrupt();
                LOG.warn("{} did not end within {} ms", thread.getName(), timeoutMillis);
            }
        }
    }

    private void run() {
        while (!stopped) {
            Runnable action;
            for (int i = 0; i < MAX_MAIL_PER_CYCLE && (action = mail.poll()) != null; i++) {
                guarded(action);
            }
            guarded(cycle::takeChanges);
            runTimers();
            boolean more;
            try {
                more = cycle.write();
            } catch (RuntimeException e) {
                LOG.error("The fan-out failed and goes on; peers may have missed a message", e);
                more = true;
            }
            if (!more && mail.isEmpty()) {
                park();
            }
        }
    }

    private void park() {
        parked = true;
        if (mail.isEmpty() && !cycle.hasChanges() && !stopped) {
            Timer next = timers.peek();
            if (next == null) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, Math.max(0, Math.min(MAX_PARK_NANOS, next.dueNanos() - ticker.nanos())));
            }
        }
        parked = false;
    }

    private void runTimers() {
        long now = ticker.nanos();
        Timer next;
        while ((next = timers.peek()) != null && next.dueNanos() - now <= 0) {
            timers.poll();
            guarded(next.action());
        }
    }

    /** A fault in handling one message must not end everybody's delivery. */
    private static void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("An action on the fan-out thread failed; the others go on", e);
        }
    }
}
