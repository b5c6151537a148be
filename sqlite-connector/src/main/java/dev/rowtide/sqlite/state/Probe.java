package dev.rowtide.sqlite.state;

import java.io.IOException;

/** Sees every step that matters to durability just before it is done. For tests: they note the order, refuse a step, or end the process there. */
interface Probe {
    /** For everybody else. */
    Probe NONE = step -> {};

    /** What is about to be done. */
    enum Step {
        SPOOL_WRITE,
        SPOOL_SYNC,
        SPOOL_CUT,
        SEGMENT_DELETE,
        SHADOW_WRITE,
        SHADOW_SYNC,
        META_WRITE,
        META_SYNC,
        META_RENAME,
        DIRECTORY_SYNC
    }

    void before(Step step) throws IOException;
}
