package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.format.PageSource;
import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.UnusableDatabaseException;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.util.Arrays;

/**
 * The net difference between the database and everything that was captured, as one transaction: for what happened while nobody held the log, and for databases without one. Reads
 * every page of both.
 */
final class Comparison {
    /** The fewest pages that {@code maxShare} is applied to: of a tiny database any change is a large share. */
    private static final int FEWEST_PAGES = 100;

    private final CaptureState state;
    private final double maxShare;
    private final Interruption between;

    /** Called between pages. */
    interface Interruption {
        void check() throws IOException;
    }

    /**
     * @param maxShare of the pages, from 0 to 1
     */
    Comparison(CaptureState state, double maxShare, Interruption between) {
        this.state = state;
        this.maxShare = maxShare;
        this.between = between;
    }

    /** @param pages how many differ */
    record Result(int pages) {}

    /**
     * Appends the difference to the spool. If there is none but the log is another one, an empty transaction keeps where reading goes on.
     *
     * @throws UnusableDatabaseException if more than the allowed share differs
     */
    Result run(LiveDatabase.Still still) throws IOException {
        try (CaptureState.LatestImage latest = state.latest();
                CaptureState.TransactionWriter writer = state.append()) {
            PageSource known = latest.image();
            boolean complete = known.pageSize() != still.pageSize();
            int differing = Math.max(0, known.pageCount() - still.pageCount());
            for (int page = 1; page <= still.pageCount(); page++) {
                between.check();
                byte[] content = still.page(page);
                if (complete || page > known.pageCount() || !Arrays.equals(content, known.page(page))) {
                    writer.page(page, content);
                    differing++;
                }
            }
            int pages = Math.max(known.pageCount(), still.pageCount());
            if (pages >= FEWEST_PAGES && differing > maxShare * pages) {
                throw new UnusableDatabaseException("the database differs from what was captured of it in " + differing
                        + " of " + pages + " pages, more than the share of " + maxShare
                        + " that resync.max.share allows: if it is not another database by mistake, raise the limit, or"
                        + " delete the state directory to begin anew");
            }
            if (differing > 0 || !still.position().equals(state.end())) {
                writer.commit(
                        TransactionHeader.Kind.RESYNC, still.pageSize(), still.pageCount(), complete, still.position());
            }
            return new Result(differing);
        }
    }
}
