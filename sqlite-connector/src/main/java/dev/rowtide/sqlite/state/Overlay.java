package dev.rowtide.sqlite.state;

/**
 * Where the newest version of each page stands that transactions between the shadow and one commit changed: about 20 bytes a page. Grows as transactions are laid over it; entries that
 * were flushed are as good as none, and are dropped now and then. Used by one thread.
 */
final class Overlay {
    private static final int FIRST_SWEEP = 4096;

    private final Spool spool;
    private final IntLongMap pages = new IntLongMap();
    private long seq;
    private long completeFrom = -1;
    private int nextSweep = FIRST_SWEEP;

    /** @param seq the commit that the shadow has */
    Overlay(Spool spool, long seq) {
        this.spool = spool;
        this.seq = seq;
    }

    /** The commit that it shows. */
    long seq() {
        return seq;
    }

    /** Where a page stands in the spool; -1 for in the shadow, unless that is older than {@link #completeFrom}. */
    long position(int number) {
        return pages.get(number);
    }

    /** Where the last transaction begins that held the whole database, -1 for none. Until that is flushed, a page that is not here is nowhere. */
    long completeFrom() {
        return completeFrom;
    }

    void lay(SpooledTransaction transaction) {
        if (transaction.header().complete()) {
            pages.clear();
            completeFrom = transaction.start();
        }
        int[] changed = transaction.changedPages();
        for (int i = 0; i < changed.length; i++) {
            pages.put(changed[i], transaction.positionOf(i));
        }
        seq = transaction.header().seq();
        if (pages.size() >= nextSweep) {
            pages.dropBelow(spool.flushedPosition());
            nextSweep = Math.max(FIRST_SWEEP, Math.multiplyExact(2, pages.size()));
        }
    }
}
