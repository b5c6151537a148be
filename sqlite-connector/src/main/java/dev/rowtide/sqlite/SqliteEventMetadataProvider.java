package dev.rowtide.sqlite;

import io.debezium.connector.AbstractSourceInfo;
import io.debezium.data.Envelope;
import io.debezium.pipeline.source.spi.EventMetadataProvider;
import io.debezium.pipeline.spi.OffsetContext;
import io.debezium.spi.schema.DataCollectionId;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** What Debezium's metrics and transaction records want to know of an event. */
final class SqliteEventMetadataProvider implements EventMetadataProvider {

    @Override
    public @Nullable Instant getEventTimestamp(
            DataCollectionId table, OffsetContext offset, Object key, @Nullable Struct value) {
        if (value == null) {
            return null;
        }
        Long millis = value.getStruct(Envelope.FieldName.SOURCE).getInt64(AbstractSourceInfo.TIMESTAMP_KEY);
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    @Override
    public Map<String, String> getEventSourcePosition(
            DataCollectionId table, OffsetContext offset, Object key, @Nullable Struct value) {
        SqliteOffsetContext position = (SqliteOffsetContext) offset;
        return Map.of(
                SqliteOffsetContext.COMMIT_SEQ, Long.toString(position.commitSeq()),
                SqliteOffsetContext.EVENT_INDEX, Long.toString(position.eventIndex()));
    }

    /** Asked for events of the log only, never for rows of a snapshot. */
    @Override
    public String getTransactionId(DataCollectionId table, OffsetContext offset, Object key, @Nullable Struct value) {
        return ((SqliteOffsetContext) offset).transactionId();
    }
}
