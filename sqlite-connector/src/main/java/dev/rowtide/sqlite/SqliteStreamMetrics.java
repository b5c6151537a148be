package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.capture.StreamMetrics;
import dev.rowtide.sqlite.log.LogMetrics;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.metrics.Metrics;
import java.util.concurrent.TimeUnit;

/** Reads the stream's counters when somebody asks. */
final class SqliteStreamMetrics extends Metrics implements SqliteStreamMetricsMXBean {
    private static final StreamMetrics NOTHING =
            new StreamMetrics(0, 0, 0, 0, 0, 0, 0, new LogMetrics(0, 0, 0, 0, 0, 0, 0));

    private final ChangeStream stream;
    private final WakingQueue queue;

    SqliteStreamMetrics(
            CdcSourceTaskContext<SqliteConnectorConfig> taskContext, ChangeStream stream, WakingQueue queue) {
        super(taskContext, "stream");
        this.stream = stream;
        this.queue = queue;
    }

    private StreamMetrics metrics() {
        try {
            return stream.metrics();
        } catch (IllegalStateException e) {
            // Not started yet.
            return NOTHING;
        }
    }

    @Override
    public long getCapturedSeq() {
        return metrics().capturedSeq();
    }

    @Override
    public long getEmittedSeq() {
        return metrics().emittedSeq();
    }

    @Override
    public long getShadowSeq() {
        return metrics().shadowSeq();
    }

    @Override
    public long getCapturedTransactions() {
        return metrics().capturedTransactions();
    }

    @Override
    public long getSpoolBytes() {
        return metrics().spoolBytes();
    }

    @Override
    public long getResyncs() {
        return metrics().resyncs();
    }

    @Override
    public long getSpoolOverflows() {
        return metrics().spoolOverflows();
    }

    @Override
    public long getWalBytes() {
        return metrics().log().walBytes();
    }

    @Override
    public long getBackfilledFrames() {
        return metrics().log().backfilledFrames();
    }

    @Override
    public long getCheckpoints() {
        return metrics().log().checkpoints();
    }

    @Override
    public long getBarriers() {
        return metrics().log().barriers();
    }

    @Override
    public long getBarrierMilliseconds() {
        return TimeUnit.NANOSECONDS.toMillis(metrics().log().barrierNanos());
    }

    @Override
    public long getZeroedFrames() {
        return metrics().log().zeroedFrames();
    }

    @Override
    public long getHeldByOthersMilliseconds() {
        return metrics().log().heldByOthersMillis();
    }

    @Override
    public int getQueuedRecords() {
        return queue.queuedRecords();
    }

    @Override
    public long getQueuedBytes() {
        return queue.queuedBytes();
    }
}
