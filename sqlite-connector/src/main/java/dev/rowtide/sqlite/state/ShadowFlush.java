package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import org.jspecify.annotations.Nullable;

/**
 * Brings the shadow to a later commit, so that a crash at any point can be made good: the pages to come are safe in the spool, then the target is written down, then the pages, then that the
 * target is reached. Doing it again from any point gives the same.
 */
final class ShadowFlush {
    /** So many pages' places are collected before they are written: 6 MB of memory. */
    private static final int PAGES_AT_ONCE = 1 << 18;

    private final StateFiles files;
    private final CopiedDatabase database;
    private final IntLongMap newest = new IntLongMap();

    ShadowFlush(StateFiles files, CopiedDatabase database) {
        this.files = files;
        this.database = database;
    }

    /** @param target the number of a transaction in the spool, which nobody needs undone */
    void run(long target) throws IOException {
        Shadow shadow = database.shadow();
        ShadowMeta before = shadow.meta();
        if (before.target() != target) {
            database.spool().force();
            shadow.replaceMeta(before.withTarget(target));
        }
        TransactionHeader last = header(target);
        try (RandomAccessFile file = StateFiles.openPrivate(files.shadow())) {
            write(file, before.seq(), last);
            file.setLength((long) last.pageCount() * last.pageSize());
        }
        files.force(files.shadow(), Step.SHADOW_SYNC);
        shadow.replaceMeta(before.at(last));
        database.spool().flushed(target);
    }

    private TransactionHeader header(long seq) throws IOException {
        return next(seq - 1, seq).header();
    }

    private SpooledTransaction next(long seq, long target) throws IOException {
        @Nullable SpooledTransaction next = database.spool().first(seq);
        if (next == null || next.header().seq() > target) {
            throw files.damaged("the spool has lost transaction " + target);
        }
        return next;
    }

    private void write(RandomAccessFile file, long from, TransactionHeader last) throws IOException {
        PageRuns runs = new PageRuns(file, files);
        for (long seq = from; seq < last.seq(); ) {
            SpooledTransaction transaction = next(seq, last.seq());
            seq = transaction.header().seq();
            if (transaction.header().complete()) {
                // Nothing of the state before is part of the state after it.
                newest.clear();
                runs.flush();
                file.setLength(0);
                database.cache().clear();
            }
            int[] pages = transaction.changedPages();
            if (pages.length > PAGES_AT_ONCE) {
                writeNewest(runs, transaction.header().pageSize(), last);
                for (int i = 0; i < pages.length; i++) {
                    write(
                            runs,
                            pages[i],
                            transaction.positionOf(i),
                            transaction.header().pageSize(),
                            last);
                }
                continue;
            }
            for (int i = 0; i < pages.length; i++) {
                newest.put(pages[i], transaction.positionOf(i));
            }
            if (newest.size() > PAGES_AT_ONCE) {
                writeNewest(runs, transaction.header().pageSize(), last);
            }
        }
        writeNewest(runs, last.pageSize(), last);
        runs.flush();
    }

    private void writeNewest(PageRuns runs, int pageSize, TransactionHeader last) throws IOException {
        for (int number : newest.sortedKeys()) {
            write(runs, number, newest.get(number), pageSize, last);
        }
        newest.clear();
    }

    private void write(PageRuns runs, int number, long position, int pageSize, TransactionHeader last)
            throws IOException {
        if (pageSize == last.pageSize() && number > last.pageCount()) {
            return;
        }
        byte[] page = new byte[pageSize];
        if (!database.spool().read(position, page)) {
            throw files.damaged("the spool has lost page " + number);
        }
        runs.put(number, page);
        database.cache().remove(PageCache.shadowKey(number));
    }
}
