package dev.rowtide.cdc.sqlite;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/**
 * Where a SQLite database is.
 *
 * @param file its path, as it was given
 */
public record SqliteAddress(Path file) {
    private static final List<String> PREFIXES = List.of("jdbc:sqlite:", "sqlite:");
    /** SQLITE_OPEN_READONLY. */
    private static final String READ_ONLY = "1";

    private static final String BUSY_MILLIS = "3000";

    /** Whether {@code text} is the address of a SQLite database, right or wrong. */
    public static boolean isOne(String text) {
        return PREFIXES.stream().anyMatch(text::startsWith);
    }

    /**
     * Reads {@code sqlite:./app.db}, {@code sqlite:/var/lib/app.db}, {@code sqlite:///var/lib/app.db} and {@code jdbc:sqlite:app.db}. What follows is a path as it is: nothing
     * in it is decoded.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public static SqliteAddress parse(String text) {
        String path = text;
        for (String prefix : PREFIXES) {
            if (path.startsWith(prefix)) {
                path = path.substring(prefix.length());
                break;
            }
        }
        if (path.startsWith("//")) {
            path = path.substring(2);
        }
        if (path.isEmpty() || path.startsWith(":") || path.startsWith("file:")) {
            throw new IllegalArgumentException("the database address '" + text
                    + "' names no file: write sqlite:./app.db or sqlite:///var/lib/app.db. A database in memory has no log"
                    + " that another process could read");
        }
        if (path.indexOf('?') >= 0) {
            throw new IllegalArgumentException("the database address '" + text
                    + "' has parameters, and there are none for SQLite: write the path alone");
        }
        try {
            return new SqliteAddress(Path.of(path));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "the database address '" + text + "' is not a path: " + e.getReason(), e);
        }
    }

    /**
     * The path without symbolic links and dots: SQLite names its log after it, and so must everybody.
     *
     * @throws IOException if there is no such file
     */
    Path realPath() throws IOException {
        return file.toRealPath();
    }

    /**
     * Opens a connection that only reads; the caller closes it. It neither makes a file nor cleans the log up when it is the last to go, which would take from the connector what
     * it has not read.
     */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("open_mode", READ_ONLY);
        properties.setProperty("busy_timeout", BUSY_MILLIS);
        return DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), properties);
    }

    /** The address for people. */
    public String displayName() {
        return "sqlite:" + file;
    }

    @Override
    public String toString() {
        return displayName();
    }
}
