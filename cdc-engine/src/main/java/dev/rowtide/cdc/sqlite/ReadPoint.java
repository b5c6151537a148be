package dev.rowtide.cdc.sqlite;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanException;
import javax.management.ObjectName;

/**
 * Has the connector begin a read transaction, which knows to which of its numbered commits it belongs. Asked by way of the bean that the connector registers ({@code SqliteReadingMBean}), since its classes
 * are not known when this is compiled.
 */
final class ReadPoint {
    private static final String BEAN = "debezium.sqlite_log:type=connector-metrics,context=reading,server=";
    private static final String OPERATION = "begin";
    private static final String CALLABLE = Callable.class.getName();

    private ReadPoint() {}

    /**
     * Begins a read transaction.
     *
     * @param connection without one; used by a thread of the connector until this returns
     * @param connector the name of the engine's run
     * @return the number of the last commit that it shows
     * @throws IOException if it could not begin, with the reason
     */
    static long begin(Connection connection, String connector) throws IOException, InterruptedException {
        Callable<Boolean> begin = () -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
                // Only now is the read lock taken.
                try (ResultSet row = statement.executeQuery("PRAGMA schema_version")) {
                    return row.next();
                }
            }
        };
        Callable<Boolean> end = () -> {
            rollback(connection);
            return true;
        };
        try {
            Object seq = ManagementFactory.getPlatformMBeanServer()
                    .invoke(new ObjectName(BEAN + connector), OPERATION, new Object[] {begin, end}, new String[] {
                        CALLABLE, CALLABLE
                    });
            return (Long) seq;
        } catch (InstanceNotFoundException e) {
            throw new IOException("the connector does not run", e);
        } catch (MBeanException e) {
            if (e.getCause() instanceof IOException reason) {
                throw reason;
            }
            if (e.getCause() instanceof InterruptedException interruption) {
                throw interruption;
            }
            throw new IOException("the connector could not begin to read: " + e.getCause(), e);
        } catch (JMException e) {
            throw new IOException("the connector has no bean " + BEAN + connector + " that begins to read: " + e, e);
        }
    }

    /** Ends a transaction, if there is one. */
    static void rollback(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        }
    }
}
