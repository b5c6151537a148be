package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Opens a database, from the path to a held log, and says clearly what is in the way. Whatever a person has to change is an {@link UnusableDatabaseException}; what may pass by itself is another IOException. */
final class Opening {
    private static final long MIN_PAUSE_MILLIS = 10;
    private static final long MAX_PAUSE_MILLIS = 500;

    private final DatabaseFiles files;
    private final LiveOptions options;

    private Opening(DatabaseFiles files, LiveOptions options) {
        this.files = files;
        this.options = options;
    }

    static LiveDatabase open(Path database, LiveOptions options) throws IOException {
        DatabaseFiles files = DatabaseFiles.open(database);
        try {
            return new Opening(files, options).open();
        } catch (IOException | RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    private LiveDatabase open() throws IOException {
        if (!options.anyFileSystem()) {
            SoundFileSystem.check(files.database());
        }
        SoundFileSystem.checkWritable(files.database());
        boolean wal = FileHeader.read(files).log();
        try {
            try (Connection connection = SqliteConnections.open(files.database(), options.busyTimeout())) {
                SqliteLibrary.checkSingle();
                SqliteLibrary.checkVersion(connection);
                if (!wal && options.switchToWal()) {
                    wal = switchToLog(connection);
                }
                return wal ? hold() : compare();
            }
        } catch (SQLException e) {
            throw explain(e, wal);
        }
    }

    /** Takes hold of the log. */
    private LiveDatabase hold() throws IOException, SQLException {
        ReadTransaction first = ReadTransaction.connect(files.database(), options.busyTimeout());
        try {
            first.begin();
            if (!FileHeader.read(files).log()) {
                throw new IOException(files.database() + " has just left WAL mode. It will be tried again.");
            }
            return WalDatabase.over(files, first, options);
        } catch (IOException | SQLException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private LiveDatabase compare() throws IOException, SQLException {
        JournalDatabase.checkSize(files, options);
        ReadTransaction transaction = ReadTransaction.connect(files.database(), options.busyTimeout());
        try {
            transaction.begin();
            transaction.end();
            return new JournalDatabase(files, transaction, options);
        } catch (SQLException | RuntimeException e) {
            transaction.close();
            throw e;
        }
    }

    /**
     * Switches to WAL, which needs a moment at which nobody has a transaction.
     *
     * @return whether it could be done at all
     */
    private boolean switchToLog(Connection connection) throws IOException, SQLException {
        SqliteConnections.execute(connection, "PRAGMA busy_timeout=0");
        long end = System.nanoTime() + options.busyTimeout().toNanos();
        long pause = MIN_PAUSE_MILLIS;
        while (true) {
            try {
                return SqliteConnections.text(connection, "PRAGMA journal_mode=WAL")
                        .equalsIgnoreCase("wal");
            } catch (SQLException e) {
                if (!SqliteConnections.busy(e)) {
                    throw e;
                }
                if (System.nanoTime() >= end) {
                    throw new IOException(
                            files.database() + " could not be switched to WAL within "
                                    + seconds(options.busyTimeout()) + ", because "
                                    + LockTable.usersOf(files.database())
                                    + " has a transaction on it or holds it exclusively. That transaction has to end, or that"
                                    + " process to close the database; or run PRAGMA journal_mode=WAL on it when nobody uses it.",
                            e);
                }
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("Interrupted while waiting for the users of " + files.database());
            }
            pause = Math.min(2 * pause, MAX_PAUSE_MILLIS);
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    private IOException explain(SQLException e, boolean wal) {
        if (SqliteConnections.is(e, SQLiteErrorCode.SQLITE_NOTADB)) {
            return FileHeader.notADatabase(files.database());
        }
        if (SqliteConnections.busy(e)) {
            String who = LockTable.usersOf(files.database());
            // With a log, readers never wait for writers.
            return wal
                    ? new UnusableDatabaseException(files.database() + " is locked by " + who
                            + ", probably by PRAGMA locking_mode=EXCLUSIVE: then its log is shared with nobody. Let that"
                            + " process use the locking mode NORMAL, or close the database first.")
                    : new IOException(
                            files.database() + " was locked for longer than " + seconds(options.busyTimeout()) + " by "
                                    + who + ": by a long write, or by PRAGMA locking_mode=EXCLUSIVE.",
                            e);
        }
        if (e instanceof SQLiteException coded && coded.getResultCode() == SQLiteErrorCode.SQLITE_READONLY_DBMOVED) {
            return new IOException(files.database() + " was replaced while it was being opened.", e);
        }
        if (SqliteConnections.is(e, SQLiteErrorCode.SQLITE_READONLY)
                || SqliteConnections.is(e, SQLiteErrorCode.SQLITE_CANTOPEN)
                || SqliteConnections.is(e, SQLiteErrorCode.SQLITE_PERM)) {
            return new UnusableDatabaseException(
                    files.database() + " cannot be opened for writing (" + e.getMessage()
                            + "). Following it needs write access to it, to its directory, and to the -wal and -shm files beside it.");
        }
        return new IOException("Cannot open " + files.database() + ": " + e.getMessage(), e);
    }
}
