package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a column's type to what writes its values: PostgreSQL's own text in, the JSON of {@code to_jsonb(row)} out.
 *
 * <p>Text, because it is what the log has, and because no other form keeps everything: Debezium's conversion loses intervals in arrays,
 * NaN in numeric arrays, {@code 24:00}, the years behind 294,000 and the second dimension of every array.
 *
 * <p>The rule is PostgreSQL's (json_categorize_type in its jsonfuncs.c): domains are what they are domains over; booleans, numbers and
 * json are themselves; dates have the XSD form; arrays and rows are taken apart; a type that an extension or a user made and that has a
 * cast to json by a function is what the function says; everything else is its text as a string. Such a function cannot be run here:
 * hstore's is known, any other is named in a warning, and the value is its text.
 *
 * <p>For one thread: the engine's consumer. What is built in costs no look into the database; any other type is read once.
 */
public final class PostgresTypes {
    private static final Logger log = LoggerFactory.getLogger(PostgresTypes.class);

    /** Types inside types. PostgreSQL forbids cycles; this stops at one that the catalog should not have. */
    private static final int MAX_DEPTH = 100;

    private final ConnectionSource connections;
    private final Map<Key, SpanWriter> loaded = new HashMap<>();
    private int generation;

    private record Key(long typeOid, Numbers numbers) {}

    /** @param connections asked for one connection whenever unknown types are read, which is closed at once */
    public PostgresTypes(ConnectionSource connections) {
        this.connections = connections;
    }

    /**
     * The writer for values of a type; cached. It stays right after {@link #refresh} too.
     *
     * @param typeOid {@code pg_attribute.atttypid}; a type that does not exist any more is written as text
     * @param numbers how int8 and numeric are written, also inside arrays, domains and composites (never inside json)
     * @throws SQLException if the type is not known yet and the catalog cannot be read; the next call tries again
     */
    public JsonValueWriter writer(long typeOid, Numbers numbers) throws SQLException {
        SpanWriter known = known(typeOid, numbers);
        if (known != null) {
            return known;
        }
        try (Connection connection = connections.open()) {
            return resolve(new TypeCatalog(connection), typeOid, numbers, 0);
        }
    }

    /**
     * Forgets everything that the catalog may say differently by now. Only needed for what leaves no trace in a value's text: a field of
     * a composite type that was renamed, a cast to json that was made. Costs one look into the catalog for each composite type that
     * comes by afterwards.
     */
    public void refresh() {
        loaded.clear();
        generation++;
    }

    private @Nullable SpanWriter known(long typeOid, Numbers numbers) {
        SpanWriter builtIn = BuiltInTypes.writer(typeOid, numbers);
        return builtIn != null ? builtIn : loaded.get(new Key(typeOid, numbers));
    }

    private SpanWriter resolve(TypeCatalog catalog, long typeOid, Numbers numbers, int depth) throws SQLException {
        SpanWriter known = known(typeOid, numbers);
        if (known != null) {
            return known;
        }
        TypeCatalog.Type type = depth > MAX_DEPTH ? null : catalog.find(typeOid);
        SpanWriter writer;
        if (type instanceof TypeCatalog.Domain domain) {
            writer = resolve(catalog, domain.base(), numbers, depth + 1);
        } else if (type instanceof TypeCatalog.Array array) {
            writer = new ArrayWriter(resolve(catalog, array.element(), numbers, depth + 1), array.delimiter());
        } else if (type instanceof TypeCatalog.Composite composite) {
            writer = new CompositeWriter(
                    new Fields(typeOid, numbers), fields(catalog, composite.attributes(), numbers, depth));
        } else if (type instanceof TypeCatalog.Hstore) {
            writer = new HstoreWriter();
        } else {
            if (type instanceof TypeCatalog.Other other && other.jsonCast() != null) {
                log.warn(
                        "type {} has a cast to json by the function {}, which to_jsonb would call and Rowtide cannot:"
                                + " its values are written as text",
                        other.name(),
                        other.jsonCast());
            }
            writer = ScalarWriters.TEXT;
        }
        loaded.put(new Key(typeOid, numbers), writer);
        return writer;
    }

    private List<CompositeWriter.Field> fields(
            TypeCatalog catalog, List<TypeCatalog.Attribute> attributes, Numbers numbers, int depth)
            throws SQLException {
        List<CompositeWriter.Field> fields = new ArrayList<>(attributes.size());
        for (TypeCatalog.Attribute attribute : attributes) {
            fields.add(new CompositeWriter.Field(
                    JsonText.string(attribute.name()) + ':', resolve(catalog, attribute.type(), numbers, depth + 1)));
        }
        return fields;
    }

    /** The fields of one composite type, whenever its writer has reason to ask for them again. */
    private final class Fields implements CompositeWriter.FieldSource {
        private final long typeOid;
        private final Numbers numbers;

        Fields(long typeOid, Numbers numbers) {
            this.typeOid = typeOid;
            this.numbers = numbers;
        }

        @Override
        public int generation() {
            return generation;
        }

        @Override
        public @Nullable List<CompositeWriter.Field> read() {
            try (Connection connection = connections.open()) {
                TypeCatalog catalog = new TypeCatalog(connection);
                return catalog.find(typeOid) instanceof TypeCatalog.Composite composite
                        ? fields(catalog, composite.attributes(), numbers, 0)
                        : null;
            } catch (SQLException e) {
                // A value must not be lost because the catalog is out of reach; the engine notices that by itself.
                log.warn(
                        "the fields of the composite type with OID {} cannot be read again: {}",
                        typeOid,
                        e.getMessage());
                return null;
            }
        }
    }
}
