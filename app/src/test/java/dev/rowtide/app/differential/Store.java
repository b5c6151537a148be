package dev.rowtide.app.differential;

import java.sql.Connection;
import java.sql.SQLException;

/** The database under test: what differs between PostgreSQL and SQLite. */
interface Store extends AutoCloseable {

    /** The value of {@code database} in the configuration. */
    String url();

    Connection connect() throws SQLException;

    /** A statement that empties the table {@code note}. */
    String emptyNotes();

    /** Ends it as a crash would and starts it again; does nothing if there is no server. */
    void restart() throws Exception;

    @Override
    void close() throws Exception;
}
