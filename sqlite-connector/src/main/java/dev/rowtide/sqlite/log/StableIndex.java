package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.WalIndex.Header;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The wal-index, recovered by SQLite if a writer died while it stored the header. Used by one thread. */
final class StableIndex implements AutoCloseable {
    private static final Duration RECOVERY_WAIT = Duration.ofSeconds(1);
    private static final int RECOVERIES = 5;

    private final Path database;
    private final WalIndex memory;
    private @Nullable ReadTransaction spare;

    StableIndex(Path database, WalIndex memory) {
        this.database = database;
        this.memory = memory;
    }

    WalIndex memory() {
        return memory;
    }

    /** @throws IOException if the header stays torn */
    Header read() throws IOException {
        Header header = memory.tryRead();
        for (int i = 0; header == null && i < RECOVERIES; i++) {
            recover();
            header = memory.tryRead();
        }
        if (header == null) {
            throw new IOException("The wal-index of " + database
                    + " stays half-written, and SQLite could not recover it within " + RECOVERIES
                    + " s: another process holds its locks. It will be tried again.");
        }
        return header;
    }

    /** Any reader recovers a header that does not add up; a connection of its own, because none of the others may leave its transaction. */
    private void recover() throws IOException {
        try {
            if (spare == null) {
                spare = ReadTransaction.connect(database, RECOVERY_WAIT);
            }
            spare.begin();
            spare.end();
        } catch (SQLException e) {
            if (!SqliteConnections.busy(e)) {
                throw new IOException("Cannot recover the wal-index of " + database + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        if (spare != null) {
            spare.close();
        }
    }
}
