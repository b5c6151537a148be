package dev.rowtide.sqlite.rows;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Goes through the rows of one table before and after, both in key order, and stops where they differ. */
final class RowMerge {
    /** Which of two rows comes first. Negative if the one before, 0 if they have the same key. */
    interface Order {
        int compare(RowCursor before, RowCursor after) throws IOException;
    }

    static final Order BY_ROWID =
            (before, after) -> Long.compare(before.cell().rowid(), after.cell().rowid());

    private final RowCursor before;
    private final RowCursor after;
    private final Order order;
    private final SameBytes sameBytes;
    private boolean started;
    private boolean onBefore;
    private boolean onAfter;

    /** Whether two entries are known to be the same row without decoding them. */
    interface SameBytes {
        boolean test(RowCursor before, RowCursor after);
    }

    RowMerge(RowCursor before, RowCursor after, Order order, SameBytes sameBytes) {
        this.before = before;
        this.after = after;
        this.order = order;
        this.sameBytes = sameBytes;
    }

    /** Goes to the next difference. */
    boolean next() throws IOException {
        if (!started) {
            started = true;
            before.next();
            after.next();
        } else {
            advance();
        }
        while (before.valid() || after.valid()) {
            int compared = !before.valid() ? 1 : !after.valid() ? -1 : order.compare(before, after);
            onBefore = compared <= 0;
            onAfter = compared >= 0;
            if (compared != 0 || !sameRow()) {
                return true;
            }
            advance();
        }
        return false;
    }

    private boolean sameRow() throws IOException {
        return sameBytes.test(before, after) || Arrays.equals(before.row(), after.row());
    }

    private void advance() throws IOException {
        if (onBefore) {
            before.next();
        }
        if (onAfter) {
            after.next();
        }
    }

    /** The row that was there; null if it stands on a created one. */
    @Nullable
    RowCursor before() {
        return onBefore ? before : null;
    }

    /** The row that is there; null if it stands on a deleted one. */
    @Nullable
    RowCursor after() {
        return onAfter ? after : null;
    }
}
