package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What an exception on the way to PostgreSQL means: does it pass, and what should a person do. By SQLSTATE where there is one
 * (<a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">appendix A of PostgreSQL's manual</a>), never by the wording of a
 * message, which is translated.
 */
final class PostgresFailures {
    private PostgresFailures() {}

    /** Whether the role may not do what was tried, and nothing else is wrong. */
    static boolean lacksPrivilege(SQLException failure) {
        return "42501".equals(failure.getSQLState());
    }

    /** Whether the connection is gone, for a reason that a new one need not meet. */
    static boolean isLostConnection(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }

    /** Whether a text is no value of the type that it was cast to. */
    static boolean isBadValue(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.startsWith("22");
    }

    /** The same for reading the rows of a table. */
    static SourceFailure explainReading(SQLException failure, PostgresAddress address, ResourceConfig resource) {
        String table = "table " + resource.table() + " of " + address.displayName();
        String at = " (" + sentence(failure) + ", SQLSTATE " + failure.getSQLState() + ")";
        return switch (String.valueOf(failure.getSQLState())) {
            case "42P01", "3F000" -> SourceFailure.passing(table + " is gone" + at, failure);
            case "42501" ->
                SourceFailure.permanent(
                        "user '" + address.user() + "' may not read all of " + table
                                + ": GRANT SELECT on it, and BYPASSRLS if it has row-level security" + at,
                        failure);
            case "55P03" ->
                SourceFailure.passing(table + " is locked by a change of its definition, or a TRUNCATE" + at, failure);
            case "57014" -> SourceFailure.passing("reading " + table + " was interrupted" + at, failure);
            case "22P02", "22003", "22007", "22008", "42883", "42804", "42703" ->
                SourceFailure.permanent("the condition on " + table + " does not fit its columns" + at, failure);
            default ->
                isLostConnection(failure) || "3D000".equals(failure.getSQLState())
                        ? explain(failure, address)
                        : SourceFailure.passing("reading " + table + " failed" + at, failure);
        };
    }

    static SourceFailure explain(Throwable failure, PostgresAddress address) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFailure known) {
                return known;
            }
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return explain(sql, address);
            }
        }
        String sentence = sentence(failure);
        if (sentence.contains("differ only by case")) {
            return SourceFailure.permanent(
                    "a table has columns whose names differ only in case, which cannot be read: rename one (" + sentence
                            + ")",
                    failure);
        }
        return SourceFailure.passing("reading the log of " + address.displayName() + " failed: " + sentence, failure);
    }

    private static SourceFailure explain(SQLException failure, PostgresAddress address) {
        String state = failure.getSQLState();
        String at = " (" + sentence(failure) + ", SQLSTATE " + state + ")";
        String database = address.displayName();
        return switch (state) {
            case "28P01", "28000" ->
                SourceFailure.permanent(
                        database + " refuses user '" + address.user()
                                + "': check the password, and the server's pg_hba.conf" + at,
                        failure);
            case "3D000" ->
                SourceFailure.permanent(
                        "there is no database '" + address.database() + "' at " + database + at, failure);
            case "42501" ->
                SourceFailure.permanent(
                        "user '" + address.user()
                                + "' lacks a privilege: `rowtide doctor` prints the SQL that grants it" + at,
                        failure);
            case "42704" ->
                SourceFailure.permanent(
                        "an object that reading the log needs is gone, probably the publication: `rowtide drop-slot` and a restart"
                                + " begin anew, changes made since then cannot be read any more" + at,
                        failure);
            case "53400" ->
                SourceFailure.permanent(
                        "all replication slots or WAL senders of " + database
                                + " are in use: raise max_replication_slots and" + " max_wal_senders" + at,
                        failure);
            case "55006" ->
                SourceFailure.passing(
                        "the replication slot is in use by another process, this one waits for it" + at, failure);
            case "55000" ->
                SourceFailure.permanent(
                        "the server cannot serve its log as it is configured now: run `rowtide doctor`" + at, failure);
            case "57P01", "57P02", "57P03" -> SourceFailure.passing(database + " is being restarted" + at, failure);
            default ->
                state.startsWith("08")
                        ? SourceFailure.passing(database + " cannot be reached" + at, failure)
                        : SourceFailure.passing("reading the log of " + database + " failed" + at, failure);
        };
    }

    /** The innermost message, in one line. */
    private static String sentence(Throwable failure) {
        String message = null;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                message = cause.getMessage();
            }
        }
        return message == null ? failure.getClass().getSimpleName() : message.replaceAll("\\s*\\R\\s*", " ");
    }
}
