package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Keeps TRUNCATE and changes of a table's definition away from a snapshot. They do not respect snapshots: whoever reads the table after them finds rows gone that its snapshot should have ("Caveats" of MVCC
 * in PostgreSQL's manual).
 */
final class TableLock {
    private TableLock() {}

    /**
     * Locks the table as any reader does, before the transaction has a snapshot.
     *
     * @param connection at the begin of a transaction
     * @return false, at the begin of another transaction, if the role may not: LOCK TABLE wants SELECT on the whole table, and columns are enough to read it. Then {@link #touch} is to follow
     */
    static boolean take(Connection connection, TableName table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + table.sql() + " IN ACCESS SHARE MODE");
            return true;
        } catch (SQLException e) {
            if (!PostgresFailures.lacksPrivilege(e)) {
                throw e;
            }
            connection.rollback();
            return false;
        }
    }

    /**
     * Locks the table by reading nothing of it, after the snapshot was taken, and looks whether it came too late.
     *
     * @return whether the table, or each partition of it, is still in the file that the snapshot knows: TRUNCATE and a rewrite give it another
     */
    static boolean touch(Connection connection, TableName table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT FROM " + table.sql() + " LIMIT 0");
        }
        // The rows of pg_class are those of the snapshot; the function looks at the newest ones.
        String sql = """
                SELECT bool_and(pg_relation_filenode(c.oid) IS NOT DISTINCT FROM nullif(c.relfilenode, 0))
                  FROM pg_class c
                 WHERE c.oid = ?::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass))""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.sql());
            statement.setString(2, table.sql());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
