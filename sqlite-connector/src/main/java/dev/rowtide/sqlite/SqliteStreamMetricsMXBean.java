package dev.rowtide.sqlite;

/**
 * What the stream counts, beside Debezium's own beans: {@code debezium.sqlite_log:type=connector-metrics,context=stream,server=<topic.prefix>}. All zero until the database was opened.
 */
public interface SqliteStreamMetricsMXBean {
    /** The newest commit in the spool. */
    long getCapturedSeq();

    /** The newest that became records. */
    long getEmittedSeq();

    /** The newest that the copy of the database has. */
    long getShadowSeq();

    /** Transactions since start. */
    long getCapturedTransactions();

    /** Captured and not yet acknowledged. */
    long getSpoolBytes();

    /** How often changes were found by comparing, since start. */
    long getResyncs();

    /** How often the spool was full, so that single transactions were given up. */
    long getSpoolOverflows();

    /** The size of the users' log. */
    long getWalBytes();

    /** Frames of it that are in the database already. */
    long getBackfilledFrames();

    /** Checkpoints that the connector ran. */
    long getCheckpoints();

    /** How often writers were kept waiting. */
    long getBarriers();

    /** For how long, in sum. */
    long getBarrierMilliseconds();

    /** Frames without checksums that were believed because the wal-index vouches for them. */
    long getZeroedFrames();

    /** For how long a user's read has been keeping the log from starting over. */
    long getHeldByOthersMilliseconds();

    /** Records that wait to be polled. */
    int getQueuedRecords();

    /** And what they weigh. */
    long getQueuedBytes();
}
