package dev.rowtide.feed.filter;

/** What a filter says of a row. Only {@link #TRUE} lets it pass. */
public enum Truth {
    TRUE,
    FALSE,
    /** SQL's unknown: a comparison with NULL decided. */
    UNKNOWN,
    /** A column decided whose value the log does not hold; with the value it might be any of the others. */
    NOT_IN_LOG
}
