package dev.rowtide.feed;

import java.util.Locale;

/** Why changes between what a subscriber has seen and what it will see next may be missing. */
public enum GapReason {
    /** The bridge no longer keeps the changes after the position that was asked for. */
    HISTORY_EXPIRED,
    /** The database is another one: restored, promoted or replaced. */
    EPOCH_CHANGED,
    /** The database is the same, but its log between then and now is gone: slot dropped, invalidated or advanced. */
    SOURCE_LOST,
    /** The subscriber has other rights than before, and with them sees other rows. */
    PERMISSIONS_CHANGED;

    /** The name in messages: the constant's in lower case. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
