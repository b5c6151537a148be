package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the role may do. What only the publication needs is in {@link PublicationCheck}. */
final class RoleCheck {
    private RoleCheck() {}

    static List<Finding> examine(Connection connection, PostgresSource source, Server server, SlotFacts slots)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        if (!server.mayReplicate()) {
            findings.add(Finding.error(
                    "role " + server.role(),
                    "'" + server.role()
                            + "' may not read the log: it needs the attribute REPLICATION (on Amazon RDS, membership in"
                            + " rds_replication)",
                    server.rdsLogicalReplication() == null
                            ? "ALTER ROLE " + quote(server.role()) + " REPLICATION"
                            : "GRANT rds_replication TO " + quote(server.role())));
        } else if (slots.count() < server.maxSlots() && server.walSenders() < server.maxWalSenders()) {
            findings.addAll(replicationConnection(source));
        }
        findings.addAll(settings(connection, server));
        return findings;
    }

    /** Tried and not deduced: a connection pooler, or a rule of pg_hba.conf, can refuse this kind of connection only. */
    private static List<Finding> replicationConnection(PostgresSource source) {
        PostgresAddress address = source.address();
        Map<String, String> parameters = new HashMap<>(address.parameters());
        parameters.put("replication", "database");
        parameters.put("preferQueryMode", "simple");
        parameters.put("assumeMinServerVersion", "14");
        parameters.put("options", SessionSettings.startupOptions());
        PostgresAddress replication = new PostgresAddress(
                address.host(), address.port(), address.database(), address.user(), address.password(), parameters);
        try (Connection connection = replication.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("IDENTIFY_SYSTEM");
            return List.of();
        } catch (SQLException e) {
            Finding why = ConnectionCheck.explain(e, address);
            return List.of(Finding.error(
                    "connection",
                    "ordinary connections are accepted, one for reading the log is not: " + why.sentence()
                            + ". If a connection pooler stands in between, give the server's own address",
                    why.sql().toArray(String[]::new)));
        }
    }

    /** Harmless, since every session of ours sets them; but whoever compares the events with a query of his own should know. */
    private static List<Finding> settings(Connection connection, Server server) throws SQLException {
        String sql = """
                SELECT lower(split_part(c, '=', 1)), c, s.setrole <> 0, s.setdatabase <> 0
                  FROM pg_db_role_setting s, unnest(s.setconfig) c
                 WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                   AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
                   AND lower(split_part(c, '=', 1)) = ANY (?) ORDER BY 2""";
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            SessionSettings.REQUIRED.keySet().stream()
                                    .map(name -> name.toLowerCase(Locale.ROOT))
                                    .toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean ofRole = row.getBoolean(3);
                    boolean ofDatabase = row.getBoolean(4);
                    String where = ofDatabase ? "database " + server.database() : "all roles";
                    String alter = ofDatabase ? "ALTER DATABASE " + quote(server.database()) : "ALTER ROLE ALL";
                    if (ofRole) {
                        where = "role " + server.role();
                        alter = "ALTER ROLE " + quote(server.role())
                                + (ofDatabase ? " IN DATABASE " + quote(server.database()) : "");
                    }
                    findings.add(Finding.info(
                            where,
                            row.getString(2)
                                    + " is set here. Events do not follow it, so to_jsonb(row) in your own sessions may show a"
                                    + " value differently",
                            alter + " RESET " + row.getString(1)));
                }
            }
        }
        return findings;
    }

    /** What reading the rows themselves needs; the log is read without these. */
    static List<Finding> examine(TableFacts table, Server server) {
        List<Finding> findings = new ArrayList<>();
        String role = quote(server.role());
        if (!table.schemaUsable()) {
            findings.add(Finding.warning(
                    table.subject(),
                    "'" + server.role() + "' has no USAGE on the schema, so changes flow but snapshots cannot be read",
                    "GRANT USAGE ON SCHEMA " + quote(table.name().schema()) + " TO " + role));
        }
        List<String> unreadable = table.columns().stream()
                .filter(column -> !column.selectable() && !table.excludes(column))
                .map(TableFacts.Column::name)
                .toList();
        if (!unreadable.isEmpty()) {
            // With excluded columns, the privilege need not be wider than what is read.
            String what = table.resource().excludedColumns().isEmpty()
                    ? "SELECT"
                    : table.columns().stream()
                            .filter(column -> !table.excludes(column))
                            .map(column -> quote(column.name()))
                            .collect(Collectors.joining(", ", "SELECT (", ")"));
            findings.add(Finding.warning(
                    table.subject(),
                    "'" + server.role() + "' may not read " + String.join(", ", unreadable)
                            + ", so changes flow but snapshots cannot be read",
                    "GRANT " + what + " ON " + table.name().sql() + " TO " + role));
        }
        return findings;
    }
}
