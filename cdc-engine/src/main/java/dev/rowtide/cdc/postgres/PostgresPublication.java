package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publication: which tables' changes the server sends. Created for the chosen tables only; partitions are sent under their root's name.
 */
final class PostgresPublication {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresPublication.class);

    private PostgresPublication() {}

    /** What tells it from one of the same name that was made later; nothing if there is none. */
    static Optional<String> oid(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT oid FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    static void create(Connection connection, String name, Collection<TableName> tables) throws SQLException {
        String forTables = tables.isEmpty() ? "" : " FOR TABLE " + list(tables);
        execute(
                connection,
                "CREATE PUBLICATION " + TableName.quote(name) + forTables + " WITH ("
                        + PublicationFacts.options(connection.getMetaData().getDatabaseMajorVersion()) + ")");
        LOG.info("Created publication {} for {}", name, tables);
    }

    /**
     * Makes it hold exactly {@code tables}. One that somebody made {@code FOR ALL TABLES} or {@code FOR TABLES IN SCHEMA} is left as it is, if it holds them.
     *
     * @throws SourceFailure if it cannot be made to
     */
    static void align(Connection connection, String name, Collection<TableName> tables)
            throws SQLException, SourceFailure {
        Set<TableName> wanted = new TreeSet<>(tables);
        Set<TableName> present = tables(connection, name);
        if (present.equals(wanted)) {
            return;
        }
        if (isWide(connection, name)) {
            if (!present.containsAll(wanted)) {
                wanted.removeAll(present);
                throw SourceFailure.permanent("the publication '" + name + "' was not made by us and does not hold "
                        + wanted + ": add them, or choose another name with postgres.publication in the configuration");
            }
            return;
        }
        if (wanted.isEmpty()) {
            for (TableName table : present) {
                execute(connection, "ALTER PUBLICATION " + TableName.quote(name) + " DROP TABLE " + table.sql());
            }
        } else {
            execute(connection, "ALTER PUBLICATION " + TableName.quote(name) + " SET TABLE " + list(wanted));
        }
        LOG.info("Publication {} now holds {} (before: {})", name, wanted, present);
    }

    static void drop(Connection connection, String name) throws SQLException {
        execute(connection, "DROP PUBLICATION " + TableName.quote(name));
    }

    private static Set<TableName> tables(Connection connection, String name) throws SQLException {
        Set<TableName> tables = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.add(new TableName(row.getString(1), row.getString(2)));
                }
            }
        }
        return tables;
    }

    private static boolean isWide(Connection connection, String name) throws SQLException {
        // pg_publication_namespace exists since PostgreSQL 15; to_regclass keeps older servers from failing.
        String schemas = "";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('pg_catalog.pg_publication_namespace')")) {
            if (row.next() && row.getString(1) != null) {
                schemas = " OR EXISTS (SELECT 1 FROM pg_publication_namespace n WHERE n.pnpubid = p.oid)";
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT puballtables" + schemas + " FROM pg_publication p WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static String list(Collection<TableName> tables) {
        // ONLY would leave out children of inheritance; for partitioned tables it changes nothing.
        return List.copyOf(tables).stream().map(TableName::sql).collect(Collectors.joining(", "));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
