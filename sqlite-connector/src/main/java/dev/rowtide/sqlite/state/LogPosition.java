package dev.rowtide.sqlite.state;

/**
 * How far a write-ahead log has been read: just behind a commit frame. The checksum pair doubles as the answer to "is this still the log that I read".
 *
 * @param salt1 salt-1 of the log's header, one more at each restart of the log
 * @param salt2 salt-2, random at each restart
 * @param frame the last frame that was read, 0 for none
 * @param checksum1 the running checksum at that frame, or of the header for none
 * @param checksum2 its second half
 */
public record LogPosition(int salt1, int salt2, int frame, int checksum1, int checksum2) {
    /** Of a database without a log: a rollback-journal database, or an empty log. */
    public static final LogPosition NONE = new LogPosition(0, 0, 0, 0, 0);

    /** Whether it is the same frame of the same log, whatever is known of its checksum. */
    public boolean samePlace(LogPosition other) {
        return salt1 == other.salt1 && salt2 == other.salt2 && frame == other.frame;
    }
}
