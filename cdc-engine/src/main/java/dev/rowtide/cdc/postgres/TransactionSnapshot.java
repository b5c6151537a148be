package dev.rowtide.cdc.postgres;

import java.util.Arrays;

/**
 * Which transactions a snapshot sees: {@code pg_current_snapshot()}, whose numbers have 64 bits. The log labels a transaction with the lower 32 of them, which wrap around after four billion.
 *
 * <p>A label means the number nearest to the snapshot. That is never wrong for what a replication slot can still send: the server does not give out a number that is 2<sup>31</sup> beyond one that the
 * catalog rows kept for the slot ({@code catalog_xmin}) were made by; it stops to take writes before.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT">Transaction ID and snapshot information functions</a>
 */
final class TransactionSnapshot {
    private final long lowest;
    private final long next;
    private final long[] running;

    /**
     * @param lowest each transaction before it had ended ({@code xmin})
     * @param next none from it on had ended ({@code xmax})
     * @param running in between, those that had not ended; top-level transactions only, as in the log
     */
    TransactionSnapshot(long lowest, long next, long... running) {
        this.lowest = lowest;
        this.next = next;
        this.running = running.clone();
        Arrays.sort(this.running);
    }

    /**
     * Reads {@code xmin:xmax:xip,xip}.
     *
     * @throws IllegalArgumentException if the text is another
     */
    static TransactionSnapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not a snapshot of PostgreSQL: xmin:xmax:xip,…");
        }
        long[] running = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(",")).mapToLong(Long::parseLong).toArray();
        return new TransactionSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
    }

    /** Whether what a committed transaction wrote is seen. */
    boolean sees(int label) {
        long number = number(label);
        return number < lowest || (number < next && Arrays.binarySearch(running, number) < 0);
    }

    /** Whether each transaction up to the one of that label had ended. */
    boolean isBeyond(int label) {
        return number(label) < lowest;
    }

    /** The number nearest to the snapshot that has those lower 32 bits. */
    private long number(int label) {
        return next + (label - (int) next);
    }

    @Override
    public String toString() {
        return lowest + ":" + next + ':' + Arrays.toString(running);
    }
}
