package dev.rowtide.feed;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One committed change of one row, or the truncation of one table.
 *
 * @param resource the resource's public name, not the table's
 * @param operation what happened
 * @param id the row's identity; null for a table without a key and for a truncate
 * @param data the whole new row; null on delete and truncate. Columns that the log does not hold are listed by {@link #unchanged}
 * @param old the old row, or of it what the log has (often just the key); null if it has nothing
 * @param changed the columns whose value is another than in {@code old}, in table order; null when the log does not hold the
 *     old row
 * @param position identical whenever this change is delivered again
 * @param transaction the transaction that it belongs to
 * @param committedAtMillis the commit time, in milliseconds since 1970, by the database's clock; not monotone
 */
public record DataChangeEvent(
        String resource,
        Operation operation,
        @Nullable RecordId id,
        @Nullable Row data,
        @Nullable Row old,
        @Nullable List<String> changed,
        Position position,
        Transaction transaction,
        long committedAtMillis) {

    /**
     * The transaction of a change.
     *
     * @param id the database's own label for it; labels wrap around and are not ordered
     * @param index 0 for its first change that the bridge was sent, and so on. Changes that the configuration leaves out count too
     *     (positions must not depend on the configuration), so subscribers may see holes
     * @param last whether this is the last change of it that the bridge delivers
     */
    public record Transaction(String id, int index, boolean last) {}

    /** The columns that the database did not write to its log because they did not change; they are left out of {@code data}. */
    public List<String> unchanged() {
        return data == null ? List.of() : data.missing();
    }

    /** The same change, known to be the last of its transaction. */
    public DataChangeEvent asLast() {
        return transaction.last()
                ? this
                : new DataChangeEvent(
                        resource,
                        operation,
                        id,
                        data,
                        old,
                        changed,
                        position,
                        new Transaction(transaction.id(), transaction.index(), true),
                        committedAtMillis);
    }
}
