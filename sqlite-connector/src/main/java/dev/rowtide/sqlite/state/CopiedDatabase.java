package dev.rowtide.sqlite.state;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One state from its first copy to the next: the shadow, what was captured beyond it, and the pages that were read of both. */
record CopiedDatabase(Shadow shadow, Spool spool, PageCache cache) implements AutoCloseable {

    CopiedDatabase withCache(PageCache other) {
        return new CopiedDatabase(shadow, spool, other);
    }

    /** A page in the spool; null if it was flushed, so that the shadow has it. */
    byte @Nullable [] spooledPage(long position, int pageSize) throws IOException {
        byte[] cached = cache.get(position);
        if (cached != null) {
            return cached;
        }
        if (position < spool.flushedPosition()) {
            return null;
        }
        byte[] page = new byte[pageSize];
        if (!spool.read(position, page)) {
            return null;
        }
        cache.put(position, page);
        return page;
    }

    /**
     * A page that no transaction between the shadow and {@code seq} changed. The thread that flushes may be writing the shadow meanwhile, but not this page, as long as it is not
     * writing something newer than {@code seq}.
     *
     * @throws IllegalStateException if it is
     */
    byte[] shadowPage(int number, int pageSize, long seq) throws IOException {
        long key = PageCache.shadowKey(number);
        byte[] page = cache.get(key);
        byte[] content = page != null ? page : shadow.read(number, pageSize);
        // Under the lock of the cache: the thread that flushes first sets the target, and then removes each page that
        // it writes.
        synchronized (cache) {
            if (shadow.meta().target() > seq) {
                throw new IllegalStateException("The state after commit " + seq + " is gone: the shadow is at "
                        + shadow.meta().target() + ", because that was acknowledged");
            }
            if (page == null) {
                cache.put(key, content);
            }
        }
        return content;
    }

    @Override
    public void close() throws IOException {
        try {
            spool.close();
        } finally {
            shadow.close();
        }
    }
}
