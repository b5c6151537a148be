package dev.rowtide.cdc.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What the doctor needs to know of the server and of the role it is connected as.
 *
 * @param version the major version
 * @param recovery whether it is a standby
 * @param walSenders how many of them run
 * @param rdsLogicalReplication Amazon's own switch for wal_level, null elsewhere
 * @param mayReplicate whether the role may read the log
 * @param mayCreatePublication whether the role may create objects in this database
 */
record Server(
        int version,
        boolean recovery,
        String walLevel,
        int maxSlots,
        int maxWalSenders,
        int walSenders,
        @Nullable String rdsLogicalReplication,
        String database,
        String role,
        boolean mayReplicate,
        boolean mayCreatePublication) {

    static Server read(Connection connection) throws SQLException {
        String sql = """
                SELECT pg_is_in_recovery(), current_setting('wal_level'), current_setting('max_replication_slots')::int,
                       current_setting('max_wal_senders')::int,
                       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'),
                       current_setting('rds.logical_replication', true), current_database(), current_user,
                       r.rolsuper OR r.rolreplication OR EXISTS (
                           SELECT 1 FROM pg_roles g WHERE g.rolname = 'rds_replication' AND pg_has_role(g.oid, 'USAGE')),
                       has_database_privilege(current_database(), 'CREATE')
                  FROM pg_roles r WHERE r.rolname = current_user""";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new Server(
                    connection.getMetaData().getDatabaseMajorVersion(),
                    row.getBoolean(1),
                    row.getString(2),
                    row.getInt(3),
                    row.getInt(4),
                    row.getInt(5),
                    row.getString(6),
                    row.getString(7),
                    row.getString(8),
                    row.getBoolean(9),
                    row.getBoolean(10));
        }
    }
}
