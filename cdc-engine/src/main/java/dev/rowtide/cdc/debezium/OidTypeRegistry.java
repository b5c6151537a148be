package dev.rowtide.cdc.debezium;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import java.sql.Types;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes Debezium's decoder take every column for a domain over {@code text} whose name is the column's type OID.
 *
 * <p>So a value reaches the record exactly as pgoutput sent it. Debezium's own conversion loses about a dozen types (NaN in numeric
 * arrays, 24:00, time zones, multi-dimensional arrays, infinity …), and cannot be repaired afterwards. The OID comes from the log, as of the
 * change, and travels in the schema parameter {@value #TYPE_PARAMETER}: no catalog lookup can tell a type that was altered since.
 */
final class OidTypeRegistry extends TypeRegistry {
    /** The schema parameter in which Debezium hands on a column's type name ({@code column.propagate.source.type=.*}). */
    static final String TYPE_PARAMETER = "__debezium.source.column.type";

    private static final String PREFIX = "OID";
    private static final int TEXT_OID = 25;

    private final Map<Integer, PostgresType> types = new HashMap<>();
    private final TypeRegistry plain;

    OidTypeRegistry(PostgresConnection connection) {
        super(connection);
        plain = connection.getTypeRegistry();
    }

    /** The OID that a schema parameter names. */
    static long oidOf(String typeParameter) {
        if (!typeParameter.startsWith(PREFIX)) {
            throw new IllegalStateException("the schema parameter " + TYPE_PARAMETER + " is '" + typeParameter
                    + "' and not one of ours: Debezium no longer asks our type registry");
        }
        return Long.parseLong(typeParameter, PREFIX.length(), typeParameter.length(), 10);
    }

    @Override
    public PostgresType get(int oid) {
        if (types == null) {
            return super.get(oid); // the super constructor is still reading the catalog
        }
        return types.computeIfAbsent(
                oid,
                key -> new PostgresType.Builder(
                                plain,
                                PREFIX + Integer.toUnsignedString(oid),
                                oid,
                                Types.VARCHAR,
                                NO_TYPE_MODIFIER,
                                null)
                        .parentType(TEXT_OID)
                        .build());
    }

    // With one of the lookups by name left alone, values went through Debezium's conversion again.

    @Override
    public PostgresType get(String name) {
        if (types == null) {
            return super.get(name);
        }
        return name.startsWith(PREFIX)
                ? get((int) oidOf(name))
                : get(super.get(name).getOid());
    }

    @Override
    public PostgresType get(String schemaName, String typeName) {
        return types == null ? super.get(schemaName, typeName) : get(typeName);
    }
}
