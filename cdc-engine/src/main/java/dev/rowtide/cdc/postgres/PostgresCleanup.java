package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SourceFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Removes what the bridge made in the user's database. A slot that nobody reads keeps the server from recycling its log until the disk is full. */
public final class PostgresCleanup {
    private PostgresCleanup() {}

    /**
     * Drops the slot and the publication, and forgets the stored offset and epoch.
     *
     * @return what was removed and what was not there, a sentence each
     * @throws SourceFailure if the slot is in use or somebody else's, or the server cannot be reached; nothing that comes after it is removed then
     */
    public static List<String> drop(PostgresSource source, Path dataDirectory) throws SourceFailure {
        List<String> done = new ArrayList<>();
        try (Connection connection = source.address().connect()) {
            Optional<PostgresSlot> slot = PostgresSlot.find(connection, source.slotName());
            if (slot.isEmpty()) {
                done.add("There is no replication slot '" + source.slotName() + "'.");
            } else {
                slot.get().requireOurs(source.slotName(), source.address().database());
                if (slot.get().activePid() != 0) {
                    throw SourceFailure.permanent("the replication slot '" + source.slotName()
                            + "' is in use by server process " + slot.get().activePid() + ": stop the bridge first");
                }
                PostgresSlot.drop(connection, source.slotName());
                done.add("Dropped the replication slot '" + source.slotName() + "'.");
            }
            if (PostgresPublication.oid(connection, source.publicationName()).isPresent()) {
                PostgresPublication.drop(connection, source.publicationName());
                done.add("Dropped the publication '" + source.publicationName() + "'.");
            } else {
                done.add("There is no publication '" + source.publicationName() + "'.");
            }
        } catch (SQLException e) {
            throw PostgresFailures.explain(e, source.address());
        }
        // Last, so that a failure above leaves a bridge that can go on.
        new OffsetFile(dataDirectory.resolve(PostgresLog.OFFSET_FILE)).delete();
        new SourceFile(dataDirectory.resolve(PostgresLog.SOURCE_FILE)).delete();
        done.add("Forgot the offset and the epoch in " + dataDirectory.toAbsolutePath() + ".");
        return done;
    }
}
