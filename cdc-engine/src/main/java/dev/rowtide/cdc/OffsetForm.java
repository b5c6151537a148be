package dev.rowtide.cdc;

import dev.rowtide.feed.Epoch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How the offsets of one connector say "everything up to the end of this transaction was delivered". It belongs to the {@link SourceConfig} that names the connector, and is the
 * one thing that the way of a change has to know about it.
 *
 * @param commitFields the fields that hold the commit; the first is the one that is read, in the offset of each record: the last whole transaction before the record, and for
 *     the END of a transaction that transaction itself
 * @param constants fields that are always the same
 * @param epochField a field of the connector's own that holds the epoch; null if it has none
 */
public record OffsetForm(
        List<String> commitFields,
        Map<String, Long> constants,
        @Nullable String epochField) {
    /** The field by which we know an offset that we marked: no connector writes it. */
    static final String EPOCH = "rowtide_epoch";
    /** The engine's property that tells {@link dev.rowtide.cdc.debezium.DurableOffsetStore} which fields an offset of this form has: {@link #fields}. */
    public static final String PROPERTY = "rowtide.offset.fields";

    public OffsetForm {
        commitFields = List.copyOf(commitFields);
        constants = Map.copyOf(constants);
    }

    /** The commit that a record's or a stored offset names; nothing if it is not of this form. */
    public OptionalLong commit(Map<String, ?> offset) {
        return offset.get(commitFields.get(0)) instanceof Long commit ? OptionalLong.of(commit) : OptionalLong.empty();
    }

    /** The offset that goes on behind the transaction that ended at {@code commit}. */
    public OffsetFile.Offset at(Epoch epoch, long commit) {
        Map<String, Object> fields = new HashMap<>(constants);
        commitFields.forEach(field -> fields.put(field, commit));
        if (epochField != null) {
            fields.put(epochField, epoch.text());
        }
        return new OffsetFile.Offset(epoch.text(), fields);
    }

    /** The names of all fields of an offset of this form, with commas between, for {@link #PROPERTY}. */
    public String fields() {
        Set<String> names = new TreeSet<>(commitFields);
        names.addAll(constants.keySet());
        if (epochField != null) {
            names.add(epochField);
        }
        return String.join(",", names);
    }
}
