package dev.rowtide.app.config;

/** Where changes are kept for those who have missed some. */
enum HistoryPlace {
    /** They are gone with the process. */
    MEMORY,
    /** In files below the data directory. */
    DISK
}
