package dev.rowtide.cdc.debezium;

import io.debezium.connector.base.QueueProvider;
import io.debezium.data.Envelope;
import io.debezium.pipeline.DataChangeEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The queue between the thread that reads the log and the one that polls: a record wakes its reader at once.
 *
 * <p>Debezium's own queue returns when a batch is full or {@code poll.interval.ms} is over, so a single change waits half a second with
 * the defaults; waking takes 0.3 ms. Debezium lets a {@link QueueProvider} replace the container but does the waiting around it
 * itself: this one therefore claims to be empty, so that Debezium never waits, and blocks in {@link #enqueue} when it is full.
 *
 * <p>Bounded by {@value #MAX_RECORDS} records and {@value #MAX_BYTES} bytes of column text, whichever comes first; one record may
 * exceed the bytes alone. Created by {@link java.util.ServiceLoader}, found again by the connector's name.
 */
public final class PushQueue implements QueueProvider<DataChangeEvent> {
    /** The value of {@code queue.provider.type}. */
    public static final String TYPE = "push";

    private static final int MAX_RECORDS = 8_192;
    private static final long MAX_BYTES = 64L * 1024 * 1024;

    private static final Map<String, PushQueue> BY_CONNECTOR = new ConcurrentHashMap<>();

    // One lock: the reader of the log (enqueue) against the poller (drain) and whoever closes the engine (release).
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final ArrayDeque<DataChangeEvent> events = new ArrayDeque<>();
    private long bytes;
    private boolean released;
    private @Nullable String connector;

    /** For {@link java.util.ServiceLoader}. */
    public PushQueue() {}

    /** The queue of the connector that was started last under this name. */
    static PushQueue of(String connector) {
        PushQueue queue = BY_CONNECTOR.get(connector);
        if (queue == null) {
            throw new IllegalStateException(
                    "connector " + connector + " has no push queue: queue.provider.type must be '" + TYPE + "'");
        }
        return queue;
    }

    /**
     * Lets a reader that waits for room go, with an {@link InterruptedException}. Call before the engine is closed: it stops polling first and
     * then waits for the reader, which would wait for a poll.
     */
    public static void release(String connector) {
        PushQueue queue = BY_CONNECTOR.get(connector);
        if (queue != null) {
            queue.release();
        }
    }

    @Override
    public String name() {
        return TYPE;
    }

    @Override
    public void configure(Map<String, ?> properties) {
        connector = String.valueOf(properties.get("name"));
        BY_CONNECTOR.put(connector, this);
    }

    @Override
    public void enqueue(DataChangeEvent event) throws InterruptedException {
        long size = textBytes(event);
        lock.lockInterruptibly();
        try {
            while (!released && (events.size() >= MAX_RECORDS || (bytes > 0 && bytes + size > MAX_BYTES))) {
                notFull.await();
            }
            if (released) {
                throw new InterruptedException("the engine is being closed");
            }
            events.add(event);
            bytes += size;
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits at most {@code wait} for a first record, then takes what is there, at most {@code max}. Empty if nothing came. */
    List<DataChangeEvent> drain(int max, Duration wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = wait.toNanos();
            while (events.isEmpty() && nanos > 0 && !released) {
                nanos = notEmpty.awaitNanos(nanos);
            }
            int count = Math.min(max, events.size());
            List<DataChangeEvent> drained = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                DataChangeEvent event = events.remove();
                bytes -= textBytes(event);
                drained.add(event);
            }
            if (count > 0) {
                notFull.signal();
            }
            return drained;
        } finally {
            lock.unlock();
        }
    }

    /** Debezium's way to take records; ours is {@link #drain}. */
    @Override
    public @Nullable DataChangeEvent poll() {
        return null;
    }

    /** Always 0, so that Debezium's queue around this one never waits for room or for a full batch. */
    @Override
    public int size() {
        return 0;
    }

    @Override
    public void close() {
        release();
        if (connector != null) {
            BY_CONNECTOR.remove(connector, this);
        }
    }

    private void release() {
        lock.lock();
        try {
            released = true;
            notFull.signalAll();
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What a change holds of column text, in characters; other records count as nothing. */
    private static long textBytes(DataChangeEvent event) {
        if (!(event.getRecord().value() instanceof Struct value)
                || value.schema().field(Envelope.FieldName.AFTER) == null) {
            return 0;
        }
        return textBytes(value.getStruct(Envelope.FieldName.BEFORE))
                + textBytes(value.getStruct(Envelope.FieldName.AFTER));
    }

    private static long textBytes(@Nullable Struct row) {
        long sum = 0;
        if (row != null) {
            for (Field field : row.schema().fields()) {
                if (row.get(field) instanceof String text) {
                    sum += text.length();
                }
            }
        }
        return sum;
    }
}
