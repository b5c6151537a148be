package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a failure of the connector, or of a look at the catalog, means: does it pass, and what should a person do. */
final class SqliteFailures {
    /** The connector's exceptions after which waiting does not help. By name: its classes are not known when this is compiled. Their messages say what to do. */
    private static final Set<String> PERMANENT =
            Set.of("UnusableDatabaseException", "UnreadableDefinitionException", "DamagedDatabaseException");

    /** The connector's exception after which only a new copy helps. */
    private static final String DAMAGED_STATE = "DamagedStateException";

    /** Result codes of SQLite after which waiting does not help: CORRUPT, CANTOPEN, NOTADB, PERM, AUTH. */
    private static final Set<Integer> PERMANENT_CODES = Set.of(11, 14, 26, 3, 23);

    private static final int PRIMARY_CODE = 0xff;

    private SqliteFailures() {}

    /** Whether the copy of the database is of no more use. */
    static boolean isDamagedState(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getClass().getSimpleName().equals(DAMAGED_STATE)) {
                return true;
            }
        }
        return false;
    }

    /** The same for reading the rows of a table. */
    static SourceFailure explainReading(Throwable failure, SqliteAddress address, ResourceConfig resource) {
        String what = "table " + resource.table().table() + " of " + address.displayName() + " cannot be read: "
                + sentence(failure);
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            boolean permanent = PERMANENT.contains(cause.getClass().getSimpleName())
                    || (cause instanceof SQLException sql
                            && PERMANENT_CODES.contains(sql.getErrorCode() & PRIMARY_CODE));
            if (permanent) {
                return SourceFailure.permanent(what, failure);
            }
        }
        return SourceFailure.passing(what, failure);
    }

    static SourceFailure explain(Throwable failure, SqliteAddress address) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFailure known) {
                return known;
            }
            if (PERMANENT.contains(cause.getClass().getSimpleName())) {
                return SourceFailure.permanent(
                        address.displayName() + " cannot be followed: " + sentence(cause), failure);
            }
        }
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && PERMANENT_CODES.contains(sql.getErrorCode() & PRIMARY_CODE)) {
                return SourceFailure.permanent(
                        address.displayName() + " cannot be read (" + sentence(cause) + "): `rowtide doctor` says more",
                        failure);
            }
        }
        return SourceFailure.passing(
                "reading the log of " + address.displayName() + " failed: " + sentence(failure), failure);
    }

    /** The innermost message, in one line. */
    static String sentence(Throwable failure) {
        String message = null;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                message = cause.getMessage();
            }
        }
        return message == null ? failure.getClass().getSimpleName() : message.replaceAll("\\s*\\R\\s*", " ");
    }
}
