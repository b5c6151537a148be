package dev.rowtide.sqlite.rows;

import org.jspecify.annotations.Nullable;

/** Page numbers. A hash table while they are few; one bit for each page of the database as soon as that takes less. */
final class PageSet {
    private final int maxPage;
    private int[] slots = new int[64];
    private long @Nullable [] bits;
    private int size;

    /** @param maxPage the highest number that can be in it */
    PageSet(int maxPage) {
        this.maxPage = maxPage;
    }

    /** @return whether it was not in it; false for what is no page of the database, which is never in it */
    boolean add(int page) {
        if (page < 1 || page > maxPage) {
            return false;
        }
        if (bits == null && size >= slots.length / 2) {
            grow();
        }
        if (bits != null) {
            long bit = 1L << page;
            boolean fresh = (bits[page >>> 6] & bit) == 0;
            bits[page >>> 6] |= bit;
            return fresh;
        }
        int slot = slot(slots, page);
        if (slots[slot] == page) {
            return false;
        }
        slots[slot] = page;
        size++;
        return true;
    }

    boolean contains(int page) {
        if (page < 1 || page > maxPage) {
            return false;
        }
        if (bits != null) {
            return (bits[page >>> 6] & (1L << page)) != 0;
        }
        return slots[slot(slots, page)] == page;
    }

    private void grow() {
        if (slots.length * 2L * Integer.BYTES > maxPage / 8) {
            long[] all = new long[(maxPage >>> 6) + 1];
            for (int page : slots) {
                all[page >>> 6] |= page == 0 ? 0 : 1L << page;
            }
            bits = all;
            slots = new int[0];
            return;
        }
        int[] larger = new int[slots.length * 2];
        for (int page : slots) {
            if (page != 0) {
                larger[slot(larger, page)] = page;
            }
        }
        slots = larger;
    }

    /** Where the page is, or the empty slot where it would be. */
    private static int slot(int[] slots, int page) {
        int slot = (page * 0x9E3779B9) >>> (32 - Integer.numberOfTrailingZeros(slots.length));
        while (slots[slot] != 0 && slots[slot] != page) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }
}
