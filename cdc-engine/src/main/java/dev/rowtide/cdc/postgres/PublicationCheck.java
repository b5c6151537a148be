package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The publication, and whether the role can make it hold what it should. */
final class PublicationCheck {
    private PublicationCheck() {}

    static List<Finding> examine(
            PostgresSource source,
            PublicationFacts publication,
            List<TableFacts> facts,
            Server server,
            SlotFacts slots) {
        Set<TableName> wanted = new TreeSet<>();
        Set<TableName> foreign = new TreeSet<>();
        for (TableFacts table : facts) {
            if (table.isLogged() && (table.isIdentified() || !source.allTables())) {
                wanted.add(table.name());
                if (!table.owned()) {
                    foreign.add(table.name());
                }
            }
        }
        return publication.exists()
                ? present(source, publication, wanted, foreign, server)
                : absent(source, publication, wanted, foreign, server, slots);
    }

    private static List<Finding> absent(
            PostgresSource source,
            PublicationFacts publication,
            Set<TableName> wanted,
            Set<TableName> foreign,
            Server server,
            SlotFacts slots) {
        List<Finding> findings = new ArrayList<>();
        if (slots.ours() != null && slots.ours().activePid() == 0 && SlotCheck.isOurs(source, slots.ours())) {
            findings.add(Finding.error(
                    subject(publication),
                    "the publication was dropped while the slot '" + source.slotName()
                            + "' still needs it, and changes made since"
                            + " cannot be read any more: `rowtide drop-slot` and a restart begin anew",
                    "SELECT pg_drop_replication_slot('" + source.slotName() + "')"));
        }
        if (!foreign.isEmpty()) {
            findings.add(Finding.error(
                    subject(publication),
                    "only the owner of a table can publish it, and '" + server.role() + "' does not own "
                            + listed(foreign) + ": let their owner or a superuser make the publication",
                    publication.create(wanted)));
        } else if (!server.mayCreatePublication()) {
            findings.add(Finding.error(
                    subject(publication),
                    "'" + server.role() + "' may not create a publication in the database '" + server.database() + "'",
                    "GRANT CREATE ON DATABASE " + quote(server.database()) + " TO " + quote(server.role())));
        }
        return findings;
    }

    private static List<Finding> present(
            PostgresSource source,
            PublicationFacts publication,
            Set<TableName> wanted,
            Set<TableName> foreign,
            Server server) {
        List<Finding> findings = new ArrayList<>();
        if (!publication.complete()) {
            findings.add(Finding.warning(
                    subject(publication),
                    "it does not publish everything (inserts, updates, deletes, truncates, and partitions under the name of their"
                            + " root), so that some changes never come",
                    "ALTER PUBLICATION " + quote(publication.name()) + " SET ("
                            + PublicationFacts.options(server.version()) + ")"));
        }
        Set<TableName> narrowed = new TreeSet<>(publication.narrowed());
        narrowed.retainAll(wanted);
        if (!narrowed.isEmpty()) {
            findings.add(Finding.warning(
                    subject(publication),
                    "it publishes only some rows or columns of " + listed(narrowed)
                            + ": use exclude-columns and filters instead",
                    publication.alter("SET", publication.tables())));
        }
        findings.addAll(tables(publication, wanted, foreign, server));
        if (source.allTables() && !publication.wide() && !publication.owned()) {
            findings.add(Finding.warning(
                    subject(publication),
                    "it belongs to '" + publication.owner()
                            + "', so changes of a table that is created later do not come until somebody adds"
                            + " it: name the resources in the configuration, or let '" + server.role()
                            + "' own the publication and the tables"));
        }
        return findings;
    }

    private static List<Finding> tables(
            PublicationFacts publication, Set<TableName> wanted, Set<TableName> foreign, Server server) {
        Set<TableName> lacking = new TreeSet<>(wanted);
        lacking.removeAll(publication.tables());
        Set<TableName> extra = new TreeSet<>(publication.tables());
        extra.removeAll(wanted);
        if (publication.wide()) {
            return lacking.isEmpty()
                    ? List.of()
                    : List.of(Finding.error(
                            subject(publication),
                            "it was not made by us, and " + listed(lacking)
                                    + " is not in it: add what is missing, or choose"
                                    + " another name with postgres.publication",
                            publication.alter("ADD", lacking)));
        }
        if (lacking.isEmpty() && extra.isEmpty()) {
            return List.of();
        }
        String difference = (lacking.isEmpty() ? "" : "it lacks " + listed(lacking))
                + (lacking.isEmpty() || extra.isEmpty() ? "" : " and ")
                + (extra.isEmpty() ? "" : "it also holds " + listed(extra) + ", which is no resource");
        String[] sql = wanted.isEmpty()
                ? new String[] {publication.alter("DROP", extra)}
                : new String[] {publication.alter("SET", wanted)};
        if (publication.owned() && foreign.isEmpty()) {
            return List.of(Finding.info(subject(publication), difference + ": the next start mends that", sql));
        }
        String why = publication.owned()
                ? "'" + server.role() + "' does not own " + listed(foreign)
                : "it belongs to '" + publication.owner() + "' and not to '" + server.role() + "'";
        return List.of(Finding.error(
                subject(publication),
                difference + ", and " + why + ": let a superuser, or who owns all of them, mend it",
                sql));
    }

    private static String subject(PublicationFacts publication) {
        return "publication " + publication.name();
    }

    private static String listed(Collection<TableName> tables) {
        return ColumnCheck.listed(tables.stream().map(TableName::toString).toList());
    }
}
