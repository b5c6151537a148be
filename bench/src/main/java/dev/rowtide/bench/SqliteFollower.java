package dev.rowtide.bench;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.capture.StreamMetrics;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connector's own part, without Debezium and without the bridge: a process that follows a database with {@link ChangeStream}, counts the rows of the table {@code event}, and says when each came.
 *
 * <p>Commands: {@code follow DATABASE STATE BARRIER SEQ [INSTANTS]} (a SEQ below zero: nothing was delivered yet), {@code await ROWS}, {@code stats}, {@code stop}.
 */
final class SqliteFollower {
    private static final long SPOOL_BYTES = 4L << 30;
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration WAIT = Duration.ofMillis(100);
    /** As a framework does now and then. */
    private static final long ACKNOWLEDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private @Nullable Following following;

    private SqliteFollower() {}

    public static void main(String[] arguments) throws IOException {
        Commands.serve(new SqliteFollower()::handle);
    }

    private Figures handle(String[] words) throws Exception {
        switch (words[0]) {
            case "follow" -> {
                long before = System.nanoTime();
                following = new Following(
                        Path.of(words[1]),
                        Path.of(words[2]),
                        Boolean.parseBoolean(words[3]),
                        words.length > 5 ? new Instants(Path.of(words[5])) : null);
                return following.start(Long.parseLong(words[4])).with("millis", (System.nanoTime() - before) / 1e6);
            }
            case "await" -> {
                return open().await(Long.parseLong(words[1]));
            }
            case "stats" -> {
                return open().stats();
            }
            case "stop" -> {
                Following open = open();
                following = null;
                return open.stop();
            }
            default -> throw new IllegalArgumentException("unknown: " + words[0]);
        }
    }

    private Following open() {
        Following open = following;
        if (open == null) {
            throw new IllegalStateException("follow comes first");
        }
        return open;
    }

    private static final class Following implements ChangeStream.TransactionHandler {
        private final ChangeStream stream;
        private final @Nullable Instants received;
        private final Thread thread = new Thread(this::run, "bench-follower");
        private final AtomicLong rows = new AtomicLong();
        private volatile long lastRowAt;
        private volatile boolean closed;
        private volatile @Nullable Exception failure;
        private long acknowledgedAt;

        Following(Path database, Path state, boolean barrier, @Nullable Instants received) throws IOException {
            this.received = received;
            stream = ChangeStream.open(new ChangeStream.Options(
                    database,
                    state,
                    new LiveOptions(true, 0, barrier, BUSY_TIMEOUT, false),
                    new CaptureState.Limits(SPOOL_BYTES, true),
                    table -> true,
                    null,
                    0,
                    1.0));
        }

        Figures start(long deliveredSeq) throws IOException, InterruptedException {
            ChangeStream.Outcome outcome =
                    stream.start(deliveredSeq < 0 ? OptionalLong.empty() : OptionalLong.of(deliveredSeq));
            thread.start();
            return Figures.of("resumed", outcome == ChangeStream.Outcome.RESUMED ? 1 : 0);
        }

        private void run() {
            try {
                while (!closed) {
                    boolean came = stream.next(this, WAIT);
                    long now = System.nanoTime();
                    if (!came || now - acknowledgedAt > ACKNOWLEDGE_NANOS) {
                        stream.acknowledge(stream.seq());
                        acknowledgedAt = now;
                    }
                }
            } catch (Exception e) {
                if (!closed) {
                    e.printStackTrace();
                    failure = e;
                }
            }
        }

        @Override
        public void begin(TransactionHeader transaction) {}

        @Override
        public void schema(SchemaChange change) {}

        @Override
        public void row(RowChange change) {
            long now = System.nanoTime();
            StoredValue[] after = change.after();
            if (received != null && after != null && after[0] instanceof StoredValue.Int id) {
                received.set(id.value(), now);
            }
            lastRowAt = now;
            rows.incrementAndGet();
        }

        @Override
        public void end(TransactionHeader transaction) {}

        /** Until so many rows have come since the start. */
        Figures await(long wanted) throws Exception {
            while (rows.get() < wanted) {
                if (failure != null) {
                    throw failure;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return stats();
        }

        Figures stats() {
            StreamMetrics metrics = stream.metrics();
            return Figures.of("rows", rows.get())
                    .with("seq", stream.seq())
                    .with("lastRowAt", lastRowAt)
                    .with("transactions", metrics.capturedTransactions())
                    .with("resyncs", metrics.resyncs())
                    .with("overflows", metrics.spoolOverflows())
                    .with("checkpoints", metrics.log().checkpoints())
                    .with("barriers", metrics.log().barriers())
                    .with("barrierMillis", metrics.log().barrierNanos() / 1e6);
        }

        Figures stop() throws Exception {
            closed = true;
            thread.join();
            stream.acknowledge(stream.seq());
            Figures last = stats();
            stream.close();
            if (failure != null) {
                throw failure;
            }
            return last;
        }
    }
}
