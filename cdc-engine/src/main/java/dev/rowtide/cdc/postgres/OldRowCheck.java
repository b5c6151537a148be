package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.RowCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether old rows in the log have the columns by which is decided who is shown them. */
final class OldRowCheck {
    private OldRowCheck() {}

    /** @param conditions those on other resources are left alone */
    static List<Finding> examine(TableFacts table, PublicationFacts publication, List<RowCondition> conditions) {
        SortedSet<String> wanted = new TreeSet<>();
        for (RowCondition condition : conditions) {
            if (condition.resource().equals(table.resource().name())) {
                wanted.addAll(condition.filter().columns());
            }
        }
        // A column that does not exist has a finding of its own.
        wanted.retainAll(table.columns().stream().map(TableFacts.Column::name).toList());
        List<Finding> findings = new ArrayList<>();
        if (!table.isLogged()) {
            return findings;
        }
        for (TableFacts.Leaf leaf : table.leaves()) {
            SortedSet<String> missing = new TreeSet<>(wanted);
            leaf.identityColumns().forEach(missing::remove);
            if (leaf.kind() == 'r' && !missing.isEmpty()) {
                findings.add(missing(table, leaf, missing, publication));
            }
        }
        return findings;
    }

    private static Finding missing(
            TableFacts table, TableFacts.Leaf leaf, SortedSet<String> missing, PublicationFacts publication) {
        String sentence = "the rules of resource '" + table.resource().name() + "' look at "
                + missing.stream().map(name -> quote(name)).collect(Collectors.joining(", "))
                + ", which the log does not have of old rows: those whom these rules are for are not told of a DELETE, nor of an UPDATE that"
                + " takes a row away from them, since it cannot be judged whether they may. ";
        List<String> unpublished = table.columns().stream()
                .filter(column -> publication.knowsGeneratedColumns() && !publication.publishes(column))
                .filter(column -> column.generated() == TableFacts.VIRTUAL)
                .map(column -> quote(column.name()))
                .toList();
        if (!unpublished.isEmpty()) {
            // See IdentityCheck: with such a column in the identity PostgreSQL refuses what the application writes.
            return Finding.warning(
                    "table " + leaf.name(),
                    sentence + "The whole old row cannot be the identity here, since the virtual column "
                            + String.join(", ", unpublished)
                            + " is never published; a unique index on columns that are NOT NULL can (REPLICA IDENTITY USING INDEX)");
        }
        List<String> sql = new ArrayList<>();
        boolean storedAreLeftOut = table.columns().stream()
                .anyMatch(column -> publication.knowsGeneratedColumns() && !publication.publishes(column));
        if (storedAreLeftOut) {
            sql.add(publication.setOptions(table));
        }
        sql.add("ALTER TABLE " + leaf.name().sql() + " REPLICA IDENTITY FULL");
        return new Finding(
                Finding.Severity.WARNING,
                "table " + leaf.name(),
                sentence + "Let the whole old row be the identity (more log for each change)",
                sql);
    }
}
