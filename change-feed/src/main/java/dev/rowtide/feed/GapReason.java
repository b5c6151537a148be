package dev.rowtide.feed;

import java.util.Locale;

/** Why changes between what a subscriber has seen and what it will see next may be missing. */
public enum GapReason {
    /** The bridge no longer keeps the changes after the position that was asked for. */
    HISTORY_EXPIRED,
    /** The database is another one: restored, promoted or replaced. */
    EPOCH_CHANGED,
    /** The database is the same, but its log between then and now is gone: slot dropped, invalidated or advanced. */
    SOURCE_LOST;

    /** The name in messages: {@code history_expired}, {@code epoch_changed}, {@code source_lost}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
