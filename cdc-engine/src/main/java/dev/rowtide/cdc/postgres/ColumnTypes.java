package dev.rowtide.cdc.postgres;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Opaque;
import dev.rowtide.feed.ColumnType.Typed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * How the values of a type compare. A domain compares like what it is a domain over; what a type of an extension calls equal is not known here (citext), nor is the order of intervals, documents, arrays.
 *
 * <p>For one thread. What is built in costs no look into the database, any other type is read once: what a type is never changes.
 */
final class ColumnTypes {
    /** Types that are remembered; at the limit all are forgotten and read again. */
    private static final int MAX_TYPES = 10_000;

    /** By OIDs that are the same in every PostgreSQL (pg_type.dat of its sources). */
    private static final Map<Long, ColumnType> BUILT_IN = Map.ofEntries(
            Map.entry(16L, Typed.BOOLEAN),
            Map.entry(17L, Typed.BYTES), // bytea
            Map.entry(19L, Typed.TEXT), // name
            Map.entry(20L, Typed.EXACT_NUMBER), // int8
            Map.entry(21L, Typed.EXACT_NUMBER), // int2
            Map.entry(23L, Typed.EXACT_NUMBER), // int4
            Map.entry(25L, Typed.TEXT),
            Map.entry(700L, Typed.FLOAT4),
            Map.entry(701L, Typed.FLOAT8),
            Map.entry(1042L, Typed.PADDED_TEXT), // bpchar
            Map.entry(1043L, Typed.TEXT), // varchar
            Map.entry(1082L, Typed.DATE),
            Map.entry(1083L, Typed.TIME),
            Map.entry(1114L, Typed.TIMESTAMP),
            Map.entry(1184L, Typed.TIMESTAMP_WITH_ZONE),
            Map.entry(1700L, Typed.EXACT_NUMBER), // numeric
            Map.entry(2950L, Typed.UUID));

    /** The type at the end of a chain of domains. */
    private static final String BASE = """
            WITH RECURSIVE chain (oid, typtype, typbasetype) AS (
                   SELECT oid, typtype, typbasetype FROM pg_catalog.pg_type WHERE oid = ?::pg_catalog.oid
                   UNION ALL
                   SELECT t.oid, t.typtype, t.typbasetype
                     FROM chain JOIN pg_catalog.pg_type t ON chain.typtype = 'd' AND t.oid = chain.typbasetype)
            SELECT oid, typtype = 'e', pg_catalog.format_type(oid, NULL) FROM chain WHERE typtype <> 'd'""";

    private final Map<Long, ColumnType> found = new HashMap<>();

    /** @param oid {@code pg_attribute.atttypid}; of a type that does not exist any more nothing is known */
    ColumnType of(Connection connection, long oid) throws SQLException {
        ColumnType known = BUILT_IN.getOrDefault(oid, found.get(oid));
        if (known != null) {
            return known;
        }
        ColumnType read = read(connection, oid);
        if (found.size() >= MAX_TYPES) {
            found.clear();
        }
        found.put(oid, read);
        return read;
    }

    private static ColumnType read(Connection connection, long oid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BASE)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return new Opaque("number " + oid + ", which was dropped");
                }
                if (row.getBoolean(2)) {
                    return Typed.ENUM;
                }
                ColumnType base = BUILT_IN.get(row.getLong(1));
                return base == null ? new Opaque(row.getString(3)) : base;
            }
        }
    }
}
