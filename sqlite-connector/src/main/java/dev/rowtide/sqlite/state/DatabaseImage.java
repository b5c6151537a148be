package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The database as it was after one commit. An image does not change. It is readable until a later commit is acknowledged, or {@link #with} is called on an image that came from it by
 * {@link #with}: so an image and its successor are readable at the same time, which is what comparing them needs. A read of one that is gone is an {@link IllegalStateException}.
 *
 * <p>One thread uses the images that come from one call of {@link CaptureState#imageAt}.
 */
public final class DatabaseImage implements PageSource {
    private final CopiedDatabase database;
    private final Overlay overlay;
    /** The commit that the overlay shows as long as {@link #layer} is not laid over it. */
    private final long parentSeq;

    private final long seq;
    private final int pageSize;
    private final int pageCount;
    private @Nullable SpooledTransaction layer;

    /** The state that an overlay shows. */
    DatabaseImage(CopiedDatabase database, Overlay overlay, int pageSize, int pageCount) {
        this.database = database;
        this.overlay = overlay;
        this.parentSeq = overlay.seq();
        this.seq = overlay.seq();
        this.pageSize = pageSize;
        this.pageCount = pageCount;
    }

    private DatabaseImage(DatabaseImage parent, SpooledTransaction transaction) {
        this.database = parent.database;
        this.overlay = parent.overlay;
        this.parentSeq = parent.seq;
        this.seq = transaction.header().seq();
        this.pageSize = transaction.header().pageSize();
        this.pageCount = transaction.header().pageCount();
        this.layer = transaction;
    }

    /** The number of the commit that it shows. */
    public long seq() {
        return seq;
    }

    /**
     * This state with the next transaction upon it. Ends the image that this one came from.
     *
     * @param transaction the first one after {@link #seq}, from the same state directory
     */
    public DatabaseImage with(CapturedTransaction transaction) {
        if (!(transaction instanceof SpooledTransaction spooled) || spooled.spool() != database.spool()) {
            throw new IllegalArgumentException("Not a transaction of this state: " + transaction.header());
        }
        if (spooled.header().seq() <= seq) {
            throw new IllegalArgumentException(
                    "Transaction " + spooled.header().seq() + " is not beyond the image of " + seq);
        }
        if (layer != null) {
            checkLive();
            overlay.lay(layer);
            layer = null;
        }
        checkLive();
        return new DatabaseImage(this, spooled);
    }

    private void checkLive() {
        if (overlay.seq() != (layer == null ? seq : parentSeq)) {
            throw new IllegalStateException(
                    "The image of commit " + seq + " is gone: a later one was made, at " + overlay.seq());
        }
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public byte[] page(int number) throws IOException {
        if (number < 1 || number > pageCount) {
            throw new DamagedDatabaseException(
                    "There is no page " + number + ": after commit " + seq + " the database has " + pageCount);
        }
        checkLive();
        long position = layer == null ? -1 : layer.position(number);
        long completeFrom = layer != null && layer.header().complete() ? layer.start() : -1;
        if (position < 0 && completeFrom < 0) {
            position = overlay.position(number);
            completeFrom = overlay.completeFrom();
        }
        if (position >= 0) {
            byte[] page = database.spooledPage(position, pageSize);
            if (page != null) {
                return page;
            }
        } else if (completeFrom >= database.spool().flushedPosition()) {
            return new byte[pageSize];
        }
        return database.shadowPage(number, pageSize, seq);
    }
}
