package dev.rowtide.sqlite;

import io.debezium.connector.base.QueueProvider;
import io.debezium.data.Envelope;
import io.debezium.pipeline.DataChangeEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The queue between the thread that emits and the one that polls: a record wakes the poller at once.
 *
 * <p>Debezium's own queue waits for a full batch or for {@code poll.interval.ms}. It lets this class replace the container only and does the waiting around it, so this one claims to be empty, waits for
 * room by itself in {@link #enqueue}, and is emptied by {@link #drain}.
 *
 * <p>Bounded by records and by bytes, whichever comes first; a single record may be larger than the bytes and is then alone. A batch is bounded by the same bytes, so that at most twice as much is in memory.
 */
final class WakingQueue implements QueueProvider<DataChangeEvent> {
    /** What a record weighs beside its texts and blobs: structs, offset, boxes. An estimate, so that a queue of small rows is not weightless. */
    static final long RECORD_BYTES = 1024;

    private final int maxRecords;
    private final long maxBytes;

    // One lock: the emitting thread (enqueue) against the poller (drain) and whoever stops the task (release).
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final ArrayDeque<Weighed> events = new ArrayDeque<>();
    private long bytes;
    private boolean released;

    private record Weighed(SourceRecord record, long bytes) {}

    WakingQueue(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    @Override
    public String name() {
        return "waking";
    }

    @Override
    public void configure(Map<String, ?> properties) {}

    /** @throws InterruptedException if the thread is interrupted, or the queue was released */
    @Override
    public void enqueue(DataChangeEvent event) throws InterruptedException {
        Weighed weighed = new Weighed(event.getRecord(), weigh(event.getRecord()));
        lock.lockInterruptibly();
        try {
            while (!released && isFullFor(weighed.bytes())) {
                notFull.await();
            }
            if (released) {
                throw new InterruptedException("the task is being stopped");
            }
            events.add(weighed);
            bytes += weighed.bytes();
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    private boolean isFullFor(long more) {
        return events.size() >= maxRecords || (!events.isEmpty() && bytes + more > maxBytes);
    }

    /** Waits at most {@code wait} for a first record, then takes what is there, at most {@code max} records. Empty if nothing came. */
    List<SourceRecord> drain(int max, Duration wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = wait.toNanos();
            while (events.isEmpty() && nanos > 0 && !released) {
                nanos = notEmpty.awaitNanos(nanos);
            }
            List<SourceRecord> drained = new ArrayList<>(Math.min(max, events.size()));
            while (drained.size() < max && !events.isEmpty()) {
                Weighed next = events.remove();
                bytes -= next.bytes();
                drained.add(next.record());
            }
            if (!drained.isEmpty()) {
                // All: a notification's thread may wait beside the emitting one.
                notFull.signalAll();
            }
            return drained;
        } finally {
            lock.unlock();
        }
    }

    /** Lets a producer that waits for room go, with an {@link InterruptedException}, and every later one. What is queued can still be drained. */
    void release() {
        lock.lock();
        try {
            released = true;
            notFull.signalAll();
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the task is being stopped. */
    boolean isReleased() {
        lock.lock();
        try {
            return released;
        } finally {
            lock.unlock();
        }
    }

    /** Debezium's way to take records; ours is {@link #drain}. */
    @Override
    public @Nullable DataChangeEvent poll() {
        return null;
    }

    /** Always 0, so that Debezium's queue around this one never waits. */
    @Override
    public int size() {
        return 0;
    }

    int queuedRecords() {
        lock.lock();
        try {
            return events.size();
        } finally {
            lock.unlock();
        }
    }

    long queuedBytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        release();
    }

    /** What a record holds, in bytes of memory, about: two for a character, because Java may need them. */
    static long weigh(SourceRecord record) {
        long sum = RECORD_BYTES;
        if (record.value() instanceof Struct value && value.schema().field(Envelope.FieldName.AFTER) != null) {
            sum += weigh(value.getStruct(Envelope.FieldName.BEFORE));
            sum += weigh(value.getStruct(Envelope.FieldName.AFTER));
        }
        return sum;
    }

    private static long weigh(@Nullable Struct row) {
        long sum = 0;
        if (row != null) {
            for (Field field : row.schema().fields()) {
                Object value = row.get(field);
                if (value instanceof String text) {
                    sum += 2L * text.length();
                } else if (value instanceof ByteBuffer buffer) {
                    sum += buffer.capacity();
                } else if (value instanceof byte[] array) {
                    sum += array.length;
                }
            }
        }
        return sum;
    }
}
