package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.cdc.SqliteSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Examines a database for everything that keeps its changes from flowing, and says what mends it. Changes nothing.
 *
 * <p>Reads the head of the file by Java, and only then opens a connection (see the package): it must not run in a process that follows the database.
 */
public final class SqliteDoctor {
    /** What may pass by itself: the start goes on in spite of it. */
    private static final String CONNECTION = "connection";

    private SqliteDoctor() {}

    /**
     * @param dataDirectory where the copy is, or will be
     * @param conditions by which somebody decides who is shown which rows
     * @return the findings, the worst first; empty if nothing is in the way
     */
    public static List<Finding> examine(SqliteSource source, Path dataDirectory, List<RowCondition> conditions) {
        List<Finding> findings = new ArrayList<>(FileCheck.examine(source.address()));
        if (findings.isEmpty()) {
            try {
                findings.addAll(examineFile(source, dataDirectory, conditions));
            } catch (IOException e) {
                findings.add(Finding.error(
                        FileCheck.SUBJECT, source.displayName() + " cannot be read: " + SqliteFailures.sentence(e)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }

    private static List<Finding> examineFile(SqliteSource source, Path dataDirectory, List<RowCondition> conditions)
            throws IOException, InterruptedException {
        Path file = source.address().realPath();
        HeaderCheck.Header header = HeaderCheck.examine(file, source);
        List<Finding> findings = new ArrayList<>(header.findings());
        findings.addAll(PlaceCheck.examine(file, source, dataDirectory));
        boolean readable = header.findings().stream()
                .noneMatch(f ->
                        f.severity() == Finding.Severity.ERROR && f.subject().equals(FileCheck.SUBJECT));
        if (!readable) {
            return findings;
        }
        findings.addAll(ReaderCheck.examine(file));
        try (Connection connection = source.address().connect()) {
            findings.addAll(TableCheck.examine(connection, source, conditions));
        } catch (SQLException e) {
            findings.add(Finding.error(
                    CONNECTION,
                    source.displayName() + " cannot be read now (" + SqliteFailures.sentence(e)
                            + "): a program may have locked it for itself (PRAGMA locking_mode = EXCLUSIVE, or a long write);"
                            + " let that one use the locking mode NORMAL, or end it"));
        }
        return findings;
    }
}
