package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.PostgresSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replication slots as the doctor sees them.
 *
 * @param count how many there are on the server, of whatever kind
 * @param ours the one with the configured name, null if there is none
 * @param leftovers others that only a bridge of ours can have made, for this database, that nobody reads
 * @param maxKeptMegabytes {@code max_slot_wal_keep_size}, -1 for no limit
 */
record SlotFacts(int count, @Nullable Slot ours, List<Slot> leftovers, long maxKeptMegabytes) {

    /**
     * @param database null for a physical slot
     * @param activePid the server process that serves it, 0 if nobody reads it
     * @param reader what that process' client calls itself, and where it is
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param keptBytes how much log cannot be recycled because of it
     * @param safeBytes how much more log may be written before it is lost, null for no limit
     */
    record Slot(
            String name,
            @Nullable String plugin,
            @Nullable String database,
            int activePid,
            String reader,
            String walStatus,
            long keptBytes,
            @Nullable Long safeBytes) {}

    static SlotFacts read(Connection connection, PostgresSource source) throws SQLException {
        String sql = """
                SELECT s.slot_name, s.plugin, s.database, coalesce(s.active_pid, 0),
                       coalesce(nullif(a.application_name, ''), 'unnamed') || coalesce(' at ' || host(a.client_addr), ''),
                       coalesce(s.wal_status, 'reserved'),
                       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::int8, s.safe_wal_size,
                       (SELECT setting::int8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
                       s.database = current_database() AND s.plugin = 'pgoutput' AND NOT s.active AND s.slot_name LIKE ? AS leftover
                  FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid ORDER BY 1""";
        int count = 0;
        Slot ours = null;
        List<Slot> leftovers = new ArrayList<>();
        long maxKept = -1;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, PostgresSource.DEFAULT_NAME + "%");
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    count++;
                    maxKept = row.getLong(9);
                    Slot slot = new Slot(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getInt(4),
                            row.getString(5),
                            row.getString(6),
                            row.getLong(7),
                            row.getObject(8, Long.class));
                    if (slot.name().equals(source.slotName())) {
                        ours = slot;
                    } else if (row.getBoolean(10)) {
                        leftovers.add(slot);
                    }
                }
            }
        }
        return new SlotFacts(count, ours, leftovers, maxKept);
    }
}
