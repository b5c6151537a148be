package dev.rowtide.feed.filter;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.Row;

/**
 * How the values of a column are ordered: as its database does it. Immutable.
 *
 * @param <C> what a literal becomes once, so that no row has to do it
 */
abstract class ValueOrder<C> {

    /** The order of a type's values; there is none of a type that cannot be compared, and {@link RowFilter#resolve} has refused that. */
    static ValueOrder<?> of(ColumnType type) {
        if (type instanceof Dynamic dynamic) {
            return new DynamicOrder(dynamic);
        } else if (type instanceof Typed typed) {
            return switch (typed) {
                case BOOLEAN -> ScalarOrders.BOOLEAN;
                case EXACT_NUMBER -> ScalarOrders.EXACT_NUMBER;
                case FLOAT4 -> ScalarOrders.FLOAT4;
                case FLOAT8 -> ScalarOrders.FLOAT8;
                // PostgreSQL writes uuid and bytea in lower case, so that the order of their texts is that of their
                // bytes.
                case TEXT, ENUM, UUID, BYTES -> ScalarOrders.TEXT;
                case PADDED_TEXT -> ScalarOrders.PADDED_TEXT;
                case DATE -> ScalarOrders.DATE;
                case TIMESTAMP -> ScalarOrders.TIMESTAMP;
                case TIMESTAMP_WITH_ZONE -> ScalarOrders.TIMESTAMP_WITH_ZONE;
                case TIME -> ScalarOrders.TIME;
            };
        }
        throw new IllegalStateException("values of type " + ((Opaque) type).name() + " cannot be compared");
    }

    /** @param literal as {@link Coercion} leaves it */
    abstract C constant(FilterValue.Literal literal);

    /**
     * How the row's value is to a constant: negative, 0 or positive.
     *
     * @param json the column's JSON, which is not null
     */
    abstract int compare(Row row, int column, String json, C constant);

    boolean equal(Row row, int column, String json, C constant) {
        return compare(row, column, json, constant) == 0;
    }

    /** Something that is equal for two values if and only if they are equal to the database. */
    abstract Object key(Row row, int column, String json);

    /** The same of a constant. */
    abstract Object key(C constant);
}
