package dev.rowtide.app.demo;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A SQLite database, opened as programs do that share one: with a busy timeout, and with foreign keys enforced. */
record SqliteFile(Path path) {
    /** How long a statement waits for another program's transaction. */
    static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

    private static final String UNPACK_TO = "org.sqlite.tmpdir";
    /** SQLITE_OPEN_READWRITE, and with SQLITE_OPEN_CREATE. */
    private static final String EXISTING = "2";

    private static final String NEW = "6";
    /** Of {@code [SQLITE_ERROR] SQL error or missing database (no such table: t)} the part that SQLite itself says. */
    private static final Pattern MESSAGE = Pattern.compile("\\[SQLITE_\\w+]\\s.*?\\((.*)\\)\\s*", Pattern.DOTALL);

    private static final int BUSY = 5;
    private static final int NOT_A_DATABASE = 26;

    /** Makes the driver unpack SQLite's library into {@code folder}, and not where a killed process leaves it for ever. Before it is first used; whoever has set the place already keeps it. */
    static void unpackDriverTo(Path folder) {
        if (System.getProperty(UNPACK_TO) == null) {
            System.setProperty(UNPACK_TO, folder.toString());
        }
    }

    /** Makes the file if it is missing. The caller closes the connection. */
    Connection create() throws SQLException {
        return open(NEW);
    }

    /** Fails if there is no such file. The caller closes the connection. */
    Connection connect() throws SQLException {
        return open(EXISTING);
    }

    private Connection open(String mode) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("open_mode", mode);
        properties.setProperty("busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        properties.setProperty("foreign_keys", "true");
        // A transaction that reads first and then writes would otherwise fail whenever somebody wrote in between.
        properties.setProperty("transaction_mode", "IMMEDIATE");
        // As a URI, so that a question mark in the name does not begin the driver's parameters.
        return DriverManager.getConnection(
                "jdbc:sqlite:file://" + path.toAbsolutePath().toUri().getRawPath(), properties);
    }

    /** What went wrong, as a sentence without the driver's decoration. */
    String explain(SQLException failure) {
        return switch (failure.getErrorCode()) {
            case BUSY ->
                "another program has locked " + path + " for more than " + BUSY_TIMEOUT.toSeconds()
                        + " s: let it finish its transaction, and try again";
            case NOT_A_DATABASE -> path + " is not a SQLite database, or it is encrypted";
            default -> {
                String message = String.valueOf(failure.getMessage());
                Matcher matcher = MESSAGE.matcher(message);
                yield matcher.matches() ? matcher.group(1) : message;
            }
        };
    }
}
