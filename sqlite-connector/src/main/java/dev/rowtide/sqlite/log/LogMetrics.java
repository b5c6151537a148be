package dev.rowtide.sqlite.log;

/**
 * What the live side counts.
 *
 * @param walBytes the size of the log, valid frames only
 * @param backfilledFrames of those, how many are in the database
 * @param checkpoints that we ran
 * @param barriers how often writers were kept waiting
 * @param barrierNanos how long, in sum
 * @param zeroedFrames frames without checksums that were believed because the wal-index vouches for them
 * @param heldByOthersMillis for how long a user's read has been keeping the log from starting over, 0 if none
 */
public record LogMetrics(
        long walBytes,
        long backfilledFrames,
        long checkpoints,
        long barriers,
        long barrierNanos,
        long zeroedFrames,
        long heldByOthersMillis) {}
