package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Columns whose values do not arrive as {@code to_jsonb(row)} has them, or not at all. */
final class ColumnCheck {
    private static final Set<String> WIDE = Set.of("bigint", "numeric");
    private static final int MAX_LISTED = 5;

    private ColumnCheck() {}

    static List<Finding> examine(TableFacts table, PublicationFacts publication) {
        List<Finding> findings = new ArrayList<>();
        if (!table.isLogged()) {
            return findings;
        }
        findings.addAll(differOnlyInCase(table));
        findings.addAll(generated(table, publication));
        for (TableFacts.Column column : table.columns()) {
            if (column.jsonCast() != null && !table.excludes(column)) {
                findings.add(
                        Finding.warning(
                                table.subject(),
                                "to_jsonb writes the column '" + column.name() + "' by the function "
                                        + column.jsonCast()
                                        + " (a cast of its type to json), which cannot be run on a row of the log: events have its text"));
            }
        }
        return findings;
    }

    private static List<Finding> differOnlyInCase(TableFacts table) {
        List<Finding> findings = new ArrayList<>();
        Map<String, String> seen = new HashMap<>();
        Set<String> names = table.columns().stream()
                .map(c -> c.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(HashSet::new));
        for (TableFacts.Column column : table.columns()) {
            String other = seen.putIfAbsent(column.name().toLowerCase(Locale.ROOT), column.name());
            if (other != null) {
                int n = 2;
                while (!names.add(column.name().toLowerCase(Locale.ROOT) + '_' + n)) {
                    n++;
                }
                findings.add(Finding.error(
                        table.subject(),
                        "the names of its columns '" + other + "' and '" + column.name()
                                + "' differ only in case, which cannot be read: rename one",
                        "ALTER TABLE " + table.name().sql() + " RENAME COLUMN " + quote(column.name()) + " TO "
                                + quote(column.name() + '_' + n)));
            }
        }
        return findings;
    }

    private static List<Finding> generated(TableFacts table, PublicationFacts publication) {
        List<Finding> findings = new ArrayList<>();
        for (TableFacts.Column column : table.columns()) {
            if (table.excludes(column) || publication.publishes(column)) {
                continue;
            }
            String sentence =
                    "the generated column '" + column.name() + "' is missing in events, which to_jsonb(row) has: ";
            if (!publication.knowsGeneratedColumns()) {
                findings.add(Finding.warning(
                        table.subject(), sentence + "before PostgreSQL 18 the log does not hold generated columns"));
            } else if (column.generated() == TableFacts.VIRTUAL) {
                findings.add(Finding.warning(
                        table.subject(),
                        sentence + "it is virtual, and the log never holds those. A stored one would be there"));
            } else {
                findings.add(Finding.warning(
                        table.subject(), sentence + "the publication leaves it out", publication.setOptions(table)));
            }
        }
        return findings;
    }

    /** One finding for all tables that have the same cure: nearly every table has a bigint key. */
    static List<Finding> wideKeys(List<TableFacts> tables, PostgresSource source) {
        List<String> sequences = new ArrayList<>();
        List<String> others = new ArrayList<>();
        List<String> cures = new ArrayList<>();
        for (TableFacts table : tables) {
            if (table.resource().numbers() == Numbers.STRING || !table.isLogged()) {
                continue;
            }
            boolean atRisk = false;
            for (TableFacts.Column column : table.columns()) {
                if (column.key() && WIDE.contains(column.type())) {
                    (column.fromSequence() ? sequences : others).add(table.name() + "." + column.name());
                    atRisk |= !column.fromSequence();
                }
            }
            if (atRisk && !source.allTables()) {
                cures.add("resources." + table.resource().name() + ".numbers: string");
            }
        }
        List<Finding> findings = new ArrayList<>();
        if (!others.isEmpty()) {
            findings.add(Finding.warning(
                    "keys",
                    "JavaScript rounds numbers beyond 2^53, and these keys can be larger, so that two rows get the same id there: "
                            + listed(others) + ". Write them as strings",
                    source.allTables() ? new String[] {"postgres.numbers: string"} : cures.toArray(String[]::new)));
        }
        if (!sequences.isEmpty()) {
            findings.add(Finding.info(
                    "keys",
                    "JavaScript rounds numbers beyond 2^53. These keys are counted up by a sequence, which takes a while to get there: "
                            + listed(sequences) + ". If values come from elsewhere too, write them as strings"
                            + " (numbers: string)"));
        }
        return findings;
    }

    static String listed(List<String> names) {
        return names.size() <= MAX_LISTED
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, MAX_LISTED)) + " and " + (names.size() - MAX_LISTED) + " more";
    }
}
