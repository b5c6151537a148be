package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LogMetrics;

/**
 * What the stream counts.
 *
 * @param capturedSeq the newest commit in the spool
 * @param emittedSeq the newest that was handed out
 * @param shadowSeq the newest that the shadow has
 * @param capturedTransactions since start
 * @param spoolBytes captured and not yet flushed
 * @param resyncs how often changes were found by comparing, since start
 * @param spoolOverflows how often the spool was full, so that a resync was owed
 * @param log of the live side
 */
public record StreamMetrics(
        long capturedSeq,
        long emittedSeq,
        long shadowSeq,
        long capturedTransactions,
        long spoolBytes,
        long resyncs,
        long spoolOverflows,
        LogMetrics log) {}
