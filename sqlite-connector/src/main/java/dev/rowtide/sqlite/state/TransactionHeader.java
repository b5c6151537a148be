package dev.rowtide.sqlite.state;

/**
 * What is known of a captured transaction beside its pages.
 *
 * @param seq its number in commit order, as we saw it: one more than the one before, except where a new epoch jumped ahead
 * @param kind a commit that was read from the log, or the net difference of many
 * @param pageSize bytes a page
 * @param pageCount pages of the database after it
 * @param complete whether it holds every page of the database, so that nothing of the state before it is needed (page size changed)
 * @param end where reading the log goes on
 * @param capturedAtMillis when it was captured, in milliseconds since 1970: SQLite stores no time of commit
 */
public record TransactionHeader(
        long seq, Kind kind, int pageSize, int pageCount, boolean complete, LogPosition end, long capturedAtMillis) {

    /** How a transaction came about; stored by its {@link #code}. */
    public enum Kind {
        /** One commit, read from the log. */
        COMMIT(1),
        /** The net difference between the state that we had and the database, because the log between was gone or there is none. */
        RESYNC(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }
}
