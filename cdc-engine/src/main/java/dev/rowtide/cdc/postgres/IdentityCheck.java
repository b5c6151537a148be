package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What identifies an old row in the log, and whether publishing the table would make PostgreSQL refuse its UPDATEs and DELETEs: the one
 * way in which reading a log can disturb the application that writes.
 */
final class IdentityCheck {
    private IdentityCheck() {}

    /** @param leftOut whether a table that must not be published is left out, instead of being refused: it was not named */
    static List<Finding> examine(TableFacts table, PublicationFacts publication, boolean leftOut) {
        List<Finding> findings = new ArrayList<>();
        if (!table.isLogged()) {
            return findings;
        }
        for (TableFacts.Leaf leaf : table.leaves()) {
            if (leaf.kind() != 'r') {
                continue;
            }
            String subject = "table " + leaf.name();
            if (leaf.identityColumns().isEmpty()) {
                findings.add(nothing(subject, table, leaf, leftOut));
            } else {
                findings.addAll(unpublished(subject, table, leaf, publication));
                findings.addAll(withoutKey(subject, table, leaf));
            }
        }
        if (table.key().isEmpty() && table.isIdentified()) {
            findings.add(Finding.info(
                    table.subject(),
                    "it has no primary key: its changes go to the channel resource:"
                            + table.resource().name() + " with id null, and there are no channels for single rows"));
        }
        return findings;
    }

    private static Finding nothing(String subject, TableFacts table, TableFacts.Leaf leaf, boolean leftOut) {
        String why = switch (leaf.identity()) {
            case TableFacts.NOTHING -> "its replica identity is NOTHING";
            case TableFacts.BY_INDEX -> "the index of its replica identity is gone";
            default ->
                table.key().isEmpty()
                        ? "it has no primary key and no other replica identity"
                        : "its primary key is deferrable, which does not count as a replica identity";
        };
        String part = leaf.name().equals(table.name()) ? "" : " (a partition of " + table.name() + ')';
        return new Finding(
                leftOut ? Finding.Severity.WARNING : Finding.Severity.ERROR,
                subject,
                why + part + ", so PostgreSQL would refuse every UPDATE and DELETE on it as soon as it is published"
                        + (leftOut ? ", and it is left out: " : ": ")
                        + (leaf.usableKey()
                                ? "let the primary key be it"
                                : "add a primary key, or let the whole old row be the identity (more log for each change)"),
                List.of("ALTER TABLE " + leaf.name().sql() + " REPLICA IDENTITY "
                        + (leaf.usableKey() ? "DEFAULT" : "FULL")));
    }

    /** Since PostgreSQL 18, see CheckCmdReplicaIdentity in execReplication.c. Before, generated columns just are not there. */
    private static List<Finding> unpublished(
            String subject, TableFacts table, TableFacts.Leaf leaf, PublicationFacts publication) {
        if (!publication.knowsGeneratedColumns()) {
            return List.of();
        }
        Set<String> identity = Set.copyOf(leaf.identityColumns());
        List<TableFacts.Column> generated = table.columns().stream()
                .filter(c -> identity.contains(c.name()) && !publication.publishes(c))
                .toList();
        if (generated.isEmpty()) {
            return List.of();
        }
        String names = generated.stream().map(TableFacts.Column::name).collect(Collectors.joining(", "));
        boolean anyVirtual = generated.stream().anyMatch(c -> c.generated() == TableFacts.VIRTUAL);
        String refused = "its replica identity holds the generated column " + names
                + ", which is not published, so PostgreSQL refuses every UPDATE and DELETE on it once the table is published: ";
        if (!anyVirtual) {
            return List.of(Finding.error(
                    subject, refused + "publish stored generated columns", publication.setOptions(table)));
        }
        return List.of(
                leaf.usableKey()
                        ? Finding.error(
                                subject,
                                refused + "a virtual column never is. Let the primary key be the identity",
                                "ALTER TABLE " + leaf.name().sql() + " REPLICA IDENTITY DEFAULT")
                        : Finding.error(
                                subject,
                                refused
                                        + "a virtual column never is. Add a primary key and let it be the identity, or leave the table"
                                        + " out of the resources"));
    }

    private static List<Finding> withoutKey(String subject, TableFacts table, TableFacts.Leaf leaf) {
        List<String> lost = new ArrayList<>(table.key());
        lost.removeAll(leaf.identityColumns());
        if (lost.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                subject,
                "its replica identity is an index without the key column "
                        + String.join(
                                ", ", lost.stream().map(name -> quote(name)).toList())
                        + ", so a DELETE does not say whose row it was: no event reaches the row's own channel",
                "ALTER TABLE " + leaf.name().sql() + " REPLICA IDENTITY " + (leaf.usableKey() ? "DEFAULT" : "FULL")));
    }
}
