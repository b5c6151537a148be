package dev.rowtide.sqlite.state;

import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages that were read last, up to a number of bytes. Keys are places: a position in the spool, whose content never changes, or {@link #shadowKey}, whose content changes when the
 * shadow is written; the writer removes it then. Thread-safe.
 */
final class PageCache {
    /** What an entry takes beside its page: map entry, boxed key, array header. */
    private static final int ENTRY_BYTES = 104;

    private final long limit;
    private final LinkedHashMap<Long, byte[]> pages = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    PageCache(long limit) {
        this.limit = limit;
    }

    /** The key of a page in the shadow; positions in the spool are not negative. */
    static long shadowKey(int number) {
        return ~(long) number;
    }

    synchronized byte @Nullable [] get(long key) {
        return pages.get(key);
    }

    synchronized void put(long key, byte[] page) {
        byte[] old = pages.put(key, page);
        bytes += page.length + ENTRY_BYTES - (old == null ? 0 : old.length + ENTRY_BYTES);
        Iterator<byte[]> eldest = pages.values().iterator();
        while (bytes > limit && eldest.hasNext()) {
            bytes -= eldest.next().length + ENTRY_BYTES;
            eldest.remove();
        }
    }

    synchronized void remove(long key) {
        byte[] old = pages.remove(key);
        if (old != null) {
            bytes -= old.length + ENTRY_BYTES;
        }
    }

    synchronized void clear() {
        pages.clear();
        bytes = 0;
    }
}
