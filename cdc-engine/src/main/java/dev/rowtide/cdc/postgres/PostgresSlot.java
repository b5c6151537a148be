package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.SourceFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The replication slot as the server has it.
 *
 * @param plugin output plugin, must be {@code pgoutput}
 * @param database the database it belongs to
 * @param activePid the server process that serves it, 0 if nobody reads it
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; null while it has never been read
 * @param confirmedFlushLsn the server sends what was committed after this, unsigned
 */
record PostgresSlot(
        String plugin,
        @Nullable String database,
        int activePid,
        @Nullable String walStatus,
        long confirmedFlushLsn) {

    static Optional<PostgresSlot> find(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT plugin, database, coalesce(active_pid, 0), wal_status,"
                        + " coalesce(confirmed_flush_lsn, '0/0'::pg_lsn) - '0/0'::pg_lsn"
                        + " FROM pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new PostgresSlot(
                                String.valueOf(row.getString(1)),
                                row.getString(2),
                                row.getInt(3),
                                row.getString(4),
                                row.getBigDecimal(5).longValue()))
                        : Optional.empty();
            }
        }
    }

    /** How many bytes of log the server keeps for the slot, 0 if it is gone. */
    static long keptLogBytes(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots"
                        + " WHERE slot_name = ? AND restart_lsn IS NOT NULL")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getBigDecimal(1).longValue() : 0;
            }
        }
    }

    /**
     * Creates a permanent slot.
     *
     * @return its consistent point: the first change that it sends was committed after it
     */
    static long create(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT lsn - '0/0'::pg_lsn FROM pg_create_logical_replication_slot(?, 'pgoutput')")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBigDecimal(1).longValue();
            }
        }
    }

    static void drop(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    /** Whether the server has thrown away log that the slot still needed. */
    boolean lost() {
        return "lost".equals(walStatus);
    }

    /** @throws SourceFailure if it is somebody else's */
    void requireOurs(String name, String ourDatabase) throws SourceFailure {
        if (!"pgoutput".equals(plugin) || !ourDatabase.equals(database)) {
            throw SourceFailure.permanent(
                    "the replication slot '" + name + "' belongs to something else (plugin " + plugin + ", database "
                            + database + "): choose another name with postgres.slot in the configuration");
        }
    }
}
