package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The publication as the doctor sees it.
 *
 * @param exists whether there is one; if not, the rest says what ours would be
 * @param owner its owner's name
 * @param owned whether the role has the owner's rights
 * @param wide whether it is for all tables, or for all of a schema
 * @param complete whether it has inserts, updates, deletes and truncates, and partitions under their root's name
 * @param storedColumns whether it has stored generated columns
 * @param tables what it holds
 * @param narrowed those of them of which it holds only some rows or columns
 */
record PublicationFacts(
        String name,
        int serverVersion,
        boolean exists,
        String owner,
        boolean owned,
        boolean wide,
        boolean complete,
        boolean storedColumns,
        Set<TableName> tables,
        Set<TableName> narrowed) {
    private static final int GENERATED_COLUMNS_SINCE = 18;
    private static final int SCHEMAS_SINCE = 15;

    /** Whether this server can put generated columns into the log at all. */
    boolean knowsGeneratedColumns() {
        return serverVersion >= GENERATED_COLUMNS_SINCE;
    }

    /** Whether events have the column. */
    boolean publishes(TableFacts.Column column) {
        return switch (column.generated()) {
            case TableFacts.STORED -> storedColumns;
            case TableFacts.VIRTUAL -> false;
            default -> true;
        };
    }

    static String options(int serverVersion) {
        return "publish = 'insert, update, delete, truncate', publish_via_partition_root = true"
                + (serverVersion >= GENERATED_COLUMNS_SINCE ? ", publish_generated_columns = stored" : "");
    }

    /** The statement that gives it the options of ours; if it does not exist, with one table, to which the start adds the others. */
    String setOptions(TableFacts table) {
        return exists
                ? "ALTER PUBLICATION " + quote(name) + " SET (" + options(serverVersion) + ")"
                : create(Set.of(table.name()));
    }

    String create(Collection<TableName> tables) {
        return "CREATE PUBLICATION " + quote(name) + forTables(" FOR TABLE ", tables) + " WITH ("
                + options(serverVersion) + ")";
    }

    String alter(String action, Collection<TableName> tables) {
        return "ALTER PUBLICATION " + quote(name) + forTables(' ' + action + " TABLE ", tables);
    }

    private static String forTables(String before, Collection<TableName> tables) {
        return tables.isEmpty()
                ? ""
                : tables.stream().sorted().map(TableName::sql).collect(Collectors.joining(", ", before, ""));
    }

    static PublicationFacts read(Connection connection, String name, Server server) throws SQLException {
        boolean schemas = server.version() >= SCHEMAS_SINCE;
        boolean generated = server.version() >= GENERATED_COLUMNS_SINCE;
        String sql = "SELECT pg_get_userbyid(pubowner), pg_has_role(pubowner, 'USAGE'), puballtables"
                + (schemas ? " OR EXISTS (SELECT FROM pg_publication_namespace n WHERE n.pnpubid = p.oid)" : "")
                + ", pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot, "
                + (generated ? "pubgencols = 's'" : "false") + " FROM pg_publication p WHERE pubname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return new PublicationFacts(
                            name,
                            server.version(),
                            false,
                            server.role(),
                            true,
                            false,
                            true,
                            generated,
                            Set.of(),
                            Set.of());
                }
                return new PublicationFacts(
                        name,
                        server.version(),
                        true,
                        row.getString(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        tables(
                                connection,
                                "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?",
                                name),
                        schemas
                                ? tables(
                                        connection,
                                        "SELECT n.nspname, c.relname FROM pg_publication_rel r"
                                                + " JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid"
                                                + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                                                + " WHERE p.pubname = ? AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL)",
                                        name)
                                : Set.of());
            }
        }
    }

    private static Set<TableName> tables(Connection connection, String sql, String publication) throws SQLException {
        Set<TableName> tables = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, publication);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.add(new TableName(row.getString(1), row.getString(2)));
                }
            }
        }
        return tables;
    }
}
