package dev.rowtide.sqlite.capture;

/**
 * SQLite numbers no commits, so we do. A state that is made anew must not number again from the bottom, or consumers would take real changes for known ones: it begins at the seconds since
 * 1970 times 2^20. That is ahead of every earlier count as long as a database stays under a million commits a second, and below 2^53, which JavaScript holds exactly, until the
 * year 2242.
 */
final class Numbering {
    private Numbering() {}

    /** Where an epoch begins that must be ahead of {@code known}. */
    static long newEpoch(long known) {
        return Math.max(known + 1, System.currentTimeMillis() / 1000 << 20);
    }
}
