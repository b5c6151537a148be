package dev.rowtide.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.cdc.Finding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;

/** The doctor's findings in words: the same for {@code doctor} and for the start of {@code serve}. */
final class FindingReport {
    /** Whatever is wrong with the connection may pass by itself, and the engine goes on trying: this alone stops no start. */
    private static final String CONNECTION = "connection";

    private final List<Finding> findings;

    FindingReport(List<Finding> findings) {
        this.findings = findings;
    }

    /** Whether changes do not flow. */
    boolean hasErrors() {
        return findings.stream().anyMatch(finding -> finding.severity() == Finding.Severity.ERROR);
    }

    /** Whether something keeps changes from flowing that only a person can mend. */
    boolean stopsStart() {
        return findings.stream()
                .anyMatch(finding -> finding.severity() == Finding.Severity.ERROR
                        && !finding.subject().equals(CONNECTION));
    }

    /** For people: each finding, and the SQL below it, ready to be pasted. */
    void print(PrintWriter out) {
        for (Finding finding : findings) {
            out.println(name(finding) + "  " + finding.subject() + ": " + finding.sentence());
            finding.sql().forEach(sql -> out.println("    " + statement(sql)));
        }
        long errors = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .count();
        long warnings = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.WARNING)
                .count();
        out.println(
                errors + warnings == 0
                        ? "Nothing is in the way of changes."
                        : "Errors: " + errors + ", warnings: " + warnings + ".");
    }

    /** For programs. */
    void printJson(PrintWriter out) {
        ArrayNode array = new JsonMapper().createArrayNode();
        for (Finding finding : findings) {
            ObjectNode object = array.addObject()
                    .put("severity", name(finding).toLowerCase(Locale.ROOT))
                    .put("subject", finding.subject())
                    .put("sentence", finding.sentence());
            finding.sql().forEach(object.putArray("sql")::add);
        }
        out.println(array.toPrettyString());
    }

    /** For the log at the start: what is only good to know is left to the doctor. */
    void log(Logger log) {
        for (Finding finding : findings) {
            String text = finding.subject() + ": " + finding.sentence();
            if (!finding.sql().isEmpty()) {
                text += ". Mend it with: "
                        + String.join(
                                " ",
                                finding.sql().stream()
                                        .map(FindingReport::statement)
                                        .toList());
            }
            switch (finding.severity()) {
                case ERROR -> log.error(text);
                case WARNING -> log.warn(text);
                case INFO -> log.debug(text);
            }
        }
    }

    private static String name(Finding finding) {
        return finding.severity().name();
    }

    /** A line of SQL ends as SQL does; a line of a shell or a file is left alone. */
    private static String statement(String sql) {
        boolean isSql = sql.matches("(?s)(ALTER|CREATE|DROP|GRANT|REVOKE|SELECT)\\b.*");
        return isSql && !sql.endsWith(";") ? sql + ';' : sql;
    }
}
