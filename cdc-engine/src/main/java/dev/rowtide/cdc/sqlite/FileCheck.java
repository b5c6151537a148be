package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What can be said of the database's file without opening it. */
final class FileCheck {
    static final String SUBJECT = "file";

    private FileCheck() {}

    /** What makes every further question pointless; empty if it is a file that can be read and written beside its log. */
    static List<Finding> examine(SqliteAddress address) {
        Path path;
        try {
            path = address.realPath();
        } catch (IOException e) {
            return List.of(Finding.error(
                    SUBJECT,
                    "there is no file " + address.file().toAbsolutePath()
                            + ": correct the path, or let the application make its database first"));
        }
        if (!Files.isRegularFile(path)) {
            return List.of(Finding.error(SUBJECT, path + " is not a regular file: give the path of the database"));
        }
        List<Finding> findings = new ArrayList<>();
        if (!Files.isReadable(path) || !Files.isWritable(path)) {
            findings.add(Finding.error(
                    SUBJECT,
                    path
                            + " cannot be read and written by this user, and holding the log takes SQLite's locks, which need"
                            + " both: run as the user that owns it, or give this one the right",
                    "chmod ug+rw '" + path + "'"));
        }
        Path directory = path.getParent();
        if (directory != null && !Files.isWritable(directory)) {
            findings.add(Finding.error(
                    SUBJECT,
                    "the directory " + directory
                            + " cannot be written by this user, and SQLite keeps the log beside the"
                            + " database: run as the user that owns it, or give this one the right",
                    "chmod ug+rwx '" + directory + "'"));
        }
        return findings;
    }
}
