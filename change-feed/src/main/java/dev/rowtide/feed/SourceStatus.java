package dev.rowtide.feed;

/**
 * The source of changes at a glance, for people.
 *
 * @param health how it is doing
 * @param database which database, never with a password
 * @param log where in it the changes are read: {@code replication slot rowtide, publication rowtide}
 * @param keptLogBytes how much log the database keeps, in bytes; 0 if that is not known
 * @param lagMillis from commit to reading, of the newest change, in milliseconds; 0 before the first
 * @param silentMillis since the log brought anything, in milliseconds; 0 before that
 */
public record SourceStatus(
        SourceHealth health, String database, String log, long keptLogBytes, long lagMillis, long silentMillis) {}
