package dev.rowtide.cdc;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.sql.SQLException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Turns a data record of Debezium into an event. Used by one thread, for one run of the engine. */
public interface SourceRecordDecoder {

    /**
     * Decodes one record of a row or a truncate.
     *
     * @param position the position that the record has in its transaction
     * @return the event, not yet known to be the last of its transaction; null if the configuration leaves it out
     * @throws SQLException if the catalog had to be asked and could not
     * @throws SourceFailure if the record must not be delivered and the way out is a person's
     */
    @Nullable
    DataChangeEvent decode(SourceRecord record, Position position) throws SQLException, SourceFailure;
}
