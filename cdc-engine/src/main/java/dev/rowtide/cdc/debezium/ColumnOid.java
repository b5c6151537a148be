package dev.rowtide.cdc.debezium;

import org.apache.kafka.connect.data.Field;

/** The other end of {@link OidTypeRegistry}: a column's type OID, out of the record's schema. */
public final class ColumnOid {
    private ColumnOid() {}

    /** The OID of the column's type as of the change, unsigned. */
    public static long of(Field column) {
        String name = column.schema().parameters() == null
                ? null
                : column.schema().parameters().get(OidTypeRegistry.TYPE_PARAMETER);
        if (name == null) {
            throw new IllegalStateException("column " + column.name() + " has no schema parameter "
                    + OidTypeRegistry.TYPE_PARAMETER + ": column.propagate.source.type must be '.*'");
        }
        return OidTypeRegistry.oidOf(name);
    }
}
