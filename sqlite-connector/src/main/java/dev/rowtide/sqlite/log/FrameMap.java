package dev.rowtide.sqlite.log;

/** Page number to frame number, for the pages of one log: eight bytes a slot, at most half of the slots used. */
final class FrameMap {
    private int[] pages;
    private int[] frames;
    private int size;

    /** @param expected how many pages at most; it grows if there are more */
    FrameMap(int expected) {
        // A log often has the same pages again and again, so it begins small.
        int slots = Integer.highestOneBit(Math.max(16, Math.min(expected, 1 << 16))) << 1;
        pages = new int[slots];
        frames = new int[slots];
    }

    /** A later frame replaces an earlier one. */
    void put(int page, int frame) {
        int slot = slot(page);
        if (pages[slot] == 0) {
            pages[slot] = page;
            size++;
        }
        frames[slot] = frame;
        if (size > pages.length / 2) {
            grow();
        }
    }

    /** The frame, or 0 if the log does not have the page. */
    int get(int page) {
        return frames[slot(page)];
    }

    private int slot(int page) {
        int mask = pages.length - 1;
        int slot = (page * 0x9E3779B9) >>> 7 & mask;
        while (pages[slot] != 0 && pages[slot] != page) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        int[] oldPages = pages;
        int[] oldFrames = frames;
        pages = new int[oldPages.length * 2];
        frames = new int[oldPages.length * 2];
        size = 0;
        for (int i = 0; i < oldPages.length; i++) {
            if (oldPages[i] != 0) {
                put(oldPages[i], oldFrames[i]);
            }
        }
    }
}
