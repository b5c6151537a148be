package dev.rowtide.cdc.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What pg_type and its neighbours say of one type, as far as {@code to_jsonb} looks at it. */
final class TypeCatalog {
    /** The cast is looked for only where PostgreSQL looks: in types made after initdb, and to json (not jsonb) by a function. */
    private static final String TYPE = """
            SELECT t.typname, n.nspname, t.typtype, t.typbasetype, t.typrelid,
                   CASE WHEN t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc THEN t.typelem ELSE 0 END AS element,
                   e.typdelim, cast_to_json.proname AS cast_name, cast_to_json.probin AS cast_library
              FROM pg_catalog.pg_type t
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
              LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
              LEFT JOIN (pg_catalog.pg_cast c JOIN pg_catalog.pg_proc cast_to_json ON cast_to_json.oid = c.castfunc)
                ON c.castsource = t.oid AND c.casttarget = 'pg_catalog.json'::pg_catalog.regtype AND c.castmethod = 'f' AND t.oid >= 16384
             WHERE t.oid = ?::pg_catalog.oid""";

    private static final String ATTRIBUTES = """
            SELECT attname, atttypid FROM pg_catalog.pg_attribute
             WHERE attrelid = ?::pg_catalog.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";

    private static final String COMPOSITE = "c";
    private static final String DOMAIN = "d";

    private final Connection connection;

    TypeCatalog(Connection connection) {
        this.connection = connection;
    }

    /** What a type is to {@code to_jsonb}. */
    sealed interface Type {}

    record Domain(long base) implements Type {}

    record Array(long element, char delimiter) implements Type {}

    record Composite(List<Attribute> attributes) implements Type {}

    record Hstore() implements Type {}

    /** @param jsonCast the function that {@code to_jsonb} would call and we cannot, or null: then {@code to_jsonb} writes the text too */
    record Other(String name, @Nullable String jsonCast) implements Type {}

    record Attribute(String name, long type) {}

    /** The type, or null if there is none with this OID (any more). */
    @Nullable
    Type find(long oid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TYPE)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                String kind = row.getString("typtype");
                long element = row.getLong("element");
                if (kind.equals(DOMAIN)) {
                    return new Domain(row.getLong("typbasetype"));
                }
                if (element != 0) {
                    return new Array(element, row.getString("typdelim").charAt(0));
                }
                if (kind.equals(COMPOSITE)) {
                    return new Composite(attributes(row.getLong("typrelid")));
                }
                String castName = row.getString("cast_name");
                if ("hstore_to_json".equals(castName) && "$libdir/hstore".equals(row.getString("cast_library"))) {
                    return new Hstore();
                }
                return new Other(row.getString("nspname") + '.' + row.getString("typname"), castName);
            }
        }
    }

    private List<Attribute> attributes(long relation) throws SQLException {
        List<Attribute> attributes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ATTRIBUTES)) {
            statement.setLong(1, relation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    attributes.add(new Attribute(row.getString("attname"), row.getLong("atttypid")));
                }
            }
        }
        return attributes;
    }
}
