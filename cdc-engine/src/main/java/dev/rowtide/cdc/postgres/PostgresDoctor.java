package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Looks at a database with the eyes of the bridge and says what to mend. Changes nothing.
 *
 * <p>The order in {@link #examine(Connection, PostgresSource)} is that of the way of a change: server, role, tables, publication, slot.
 * A further check is a method in the class of what it looks at, and a test that provokes it and runs the SQL that it prints.
 */
public final class PostgresDoctor {
    private PostgresDoctor() {}

    /**
     * Opens a connection of its own and closes it. Takes some milliseconds, and as long as connecting may take if it fails.
     *
     * @return what there is to say, errors first; never fails, since not being able to look is a finding too
     */
    public static List<Finding> examine(PostgresSource source) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = source.address().connect()) {
            findings.addAll(examine(connection, source));
        } catch (SQLException e) {
            findings.add(ConnectionCheck.explain(e, source.address()));
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }

    private static List<Finding> examine(Connection connection, PostgresSource source) throws SQLException {
        Server server = Server.read(connection);
        List<Finding> findings = new ArrayList<>(ServerCheck.unusable(server));
        if (!findings.isEmpty()) {
            // The questions below have no answers there.
            return findings;
        }
        SlotFacts slots = SlotFacts.read(connection, source);
        findings.addAll(ServerCheck.examine(server, slots));
        findings.addAll(RoleCheck.examine(connection, source, server, slots));

        List<ResourceConfig> resources = ResourceCheck.choose(connection, source, findings);
        List<TableFacts> tables = TableFacts.read(connection, resources);
        findings.addAll(ResourceCheck.missing(connection, resources, tables));
        PublicationFacts publication = PublicationFacts.read(connection, source.publicationName(), server);
        for (TableFacts table : tables) {
            findings.addAll(ResourceCheck.examine(table));
            findings.addAll(IdentityCheck.examine(table, publication, source.allTables()));
            findings.addAll(ColumnCheck.examine(table, publication));
            findings.addAll(RoleCheck.examine(table, server));
        }
        findings.addAll(ColumnCheck.wideKeys(tables, source));
        findings.addAll(PublicationCheck.examine(source, publication, tables, server, slots));
        findings.addAll(SlotCheck.examine(source, slots));
        return findings;
    }
}
