package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.log.LogLostException;
import dev.rowtide.sqlite.log.UnusableDatabaseException;
import dev.rowtide.sqlite.rows.UnreadableDefinitionException;
import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.pipeline.ErrorHandler;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which failures a restart of the task may cure: those of input and output, unless they say that a person has to act. */
final class SqliteErrorHandler extends ErrorHandler {
    private static final int MAX_CAUSES = 20;
    private static final List<Class<? extends IOException>> FOR_A_PERSON = List.of(
            UnusableDatabaseException.class,
            LogLostException.class,
            DamagedDatabaseException.class,
            UnreadableDefinitionException.class);

    SqliteErrorHandler(
            SqliteConnectorConfig config, ChangeEventQueue<?> queue, @Nullable ErrorHandler replacedErrorHandler) {
        super(SqliteConnector.class, config, queue, replacedErrorHandler);
    }

    @Override
    protected boolean isRetriable(@Nullable Throwable failure) {
        return isCurable(failure);
    }

    /** By the innermost cause: an error of ours that came out wrapped in an IOException is not cured by trying again. */
    static boolean isCurable(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            Throwable candidate = cause;
            if (FOR_A_PERSON.stream().anyMatch(kind -> kind.isInstance(candidate))) {
                return false;
            }
            if (cause.getCause() == null) {
                return cause instanceof IOException || cause instanceof SQLException;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
