package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.LogLostException;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.DatabaseImage;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Compares a few pages a second of what was captured with the database, round and round. It finds what no protocol can tell: a file that was overwritten in place, and mistakes of ours. A page that
 * differs leads to a comparison of all of them.
 *
 * <p>Used by the capture thread, only while nothing is left to drain; a database that is written to without a pause is not audited.
 */
final class Audit {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CaptureState state;
    private final int pagesPerSecond;
    private long last = System.nanoTime();
    private int next = 1;

    /** @param pagesPerSecond how many pages each second; 0 switches it off */
    Audit(CaptureState state, int pagesPerSecond) {
        this.state = state;
        this.pagesPerSecond = pagesPerSecond;
    }

    /**
     * Does this second's share, if it is due.
     *
     * @param drained how far the log was read
     * @return false if there is something to drain, also if {@link LiveDatabase#changed} does not say so any more
     * @throws LogLostException if a page differs
     */
    boolean tick(LiveDatabase live, LogPosition drained) throws IOException {
        if (pagesPerSecond == 0 || System.nanoTime() - last < PERIOD_NANOS) {
            return true;
        }
        last = System.nanoTime();
        try (LiveDatabase.Still still = live.standStill();
                CaptureState.LatestImage latest = state.latest()) {
            if (!still.position().equals(drained)) {
                return false; // somebody committed meanwhile
            }
            DatabaseImage known = latest.image();
            if (known.pageCount() != still.pageCount() || known.pageSize() != still.pageSize()) {
                throw new LogLostException("the audit found " + still.pageCount() + " pages where " + known.pageCount()
                        + " were captured, although nothing was committed");
            }
            for (int i = 0; i < Math.min(pagesPerSecond, still.pageCount()); i++) {
                next = next >= still.pageCount() ? 1 : next + 1;
                if (!Arrays.equals(known.page(next), still.page(next))) {
                    throw new LogLostException("the audit found page " + next
                            + " different from what was captured, although nothing was committed: the file was"
                            + " overwritten in place, or captured wrongly");
                }
            }
            return true;
        }
    }
}
