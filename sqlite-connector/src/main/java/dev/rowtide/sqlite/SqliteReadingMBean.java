package dev.rowtide.sqlite;

import java.io.IOException;
import java.util.concurrent.Callable;

/**
 * Where a program that embeds the connector learns which transactions of the stream a reading of its own has: {@code debezium.sqlite_log:type=connector-metrics,context=reading,server=<topic.prefix>}. In
 * the same process only, since what it takes cannot be sent anywhere.
 */
public interface SqliteReadingMBean {

    /**
     * Has a read transaction begin, and tells which commit it shows. Waits for some milliseconds, and at most about ten seconds.
     *
     * @param begin begins a transaction and takes the read lock, on a connection of the caller's that was made by the same copy of the SQLite driver, and that nobody uses until this returns. Called on
     *     another thread, and perhaps several times
     * @param end ends it, before it begins again
     * @return {@code source.seq} of the last transaction that it has: exactly those with a larger number are not in it
     * @throws IOException if it could not begin, with the reason
     */
    long begin(Callable<?> begin, Callable<?> end) throws IOException, InterruptedException;
}
