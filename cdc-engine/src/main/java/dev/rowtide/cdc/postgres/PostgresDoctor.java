package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.feed.RowShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Looks at a database with the eyes of the bridge and says what to mend. Changes nothing.
 *
 * <p>The order is that of the way of a change: server, role, tables, publication, slot.
 * A further check is a method in the class of what it looks at, and a test that provokes it and runs the SQL that it prints.
 */
public final class PostgresDoctor {
    private PostgresDoctor() {}

    /**
     * Opens a connection of its own and closes it. Takes some milliseconds, and as long as connecting may take if it fails.
     *
     * @param conditions by which somebody decides who is shown which rows
     * @return what there is to say, errors first; never fails, since not being able to look is a finding too
     */
    public static List<Finding> examine(PostgresSource source, List<RowCondition> conditions) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = source.address().connect()) {
            findings.addAll(examine(connection, source, conditions));
        } catch (SQLException e) {
            findings.add(ConnectionCheck.explain(e, source.address()));
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }

    private static List<Finding> examine(Connection connection, PostgresSource source, List<RowCondition> conditions)
            throws SQLException {
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
            findings.addAll(OldRowCheck.examine(table, publication, conditions));
            findings.addAll(RoleCheck.examine(table, server));
        }
        findings.addAll(ColumnCheck.wideKeys(tables, source));
        if (!conditions.isEmpty()) {
            findings.addAll(RowCondition.examine(conditions, shapes(connection, tables)));
        }
        findings.addAll(PublicationCheck.examine(source, publication, tables, server, slots));
        findings.addAll(SlotCheck.examine(source, slots));
        return findings;
    }

    private static Map<String, RowShape> shapes(Connection connection, List<TableFacts> tables) throws SQLException {
        List<ResourceConfig> logged = tables.stream()
                .filter(TableFacts::isLogged)
                .map(TableFacts::resource)
                .toList();
        return new CatalogShapes().read(connection, logged);
    }
}
