package dev.rowtide.cdc.sqlite;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.connect.data.Field;

/** How the values of a SQLite column compare, from what is said of it. */
final class StoredType {
    private StoredType() {}

    /** From the schema parameters that the connector gives to a column with {@code value.mode=stored}. */
    static ColumnType of(Field column) {
        return of(
                parameter(column, "declared_type"),
                parameter(column, "affinity"),
                parameter(column, "collation"),
                parameter(column, "encoding"));
    }

    private static String parameter(Field column, String name) {
        Map<String, String> parameters = column.schema().parameters();
        String value = parameters == null ? null : parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("column " + column.name() + " comes without the schema parameter " + name
                    + ": the connector is of another version");
        }
        return value;
    }

    /**
     * @param declaredType as declared, empty without one
     * @param affinity SQLite's, in lower case
     * @param collation in upper case
     * @param encoding of the database, as PRAGMA encoding has it, in upper case
     */
    static ColumnType of(String declaredType, String affinity, String collation, String encoding) {
        Affinity compared = Affinity.valueOf(affinity.toUpperCase(Locale.ROOT));
        if (compared == Affinity.BLOB && !declaredType.toUpperCase(Locale.ROOT).contains("BLOB")) {
            compared = Affinity.NONE;
        }
        return switch (collation) {
            case "BINARY" -> new Dynamic(compared, binary(encoding));
            case "NOCASE" -> new Dynamic(compared, Collation.NOCASE);
            case "RTRIM" -> new Dynamic(compared, Collation.RTRIM);
            default -> new Opaque(declaredType + " COLLATE " + collation);
        };
    }

    private static Collation binary(String encoding) {
        return switch (encoding) {
            case "UTF-16LE" -> Collation.BINARY_UTF16LE;
            case "UTF-16BE" -> Collation.BINARY_UTF16BE;
            default -> Collation.BINARY;
        };
    }

    /**
     * What SQLite makes of a declared type ("Datatypes In SQLite", section 3.1): the first word found decides, in this order.
     *
     * @param strict whether the table is STRICT, where ANY means no conversion at all
     */
    static String affinity(String declaredType, boolean strict) {
        String type = declaredType.toUpperCase(Locale.ROOT);
        if (type.contains("INT")) {
            return "integer";
        } else if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
            return "text";
        } else if (type.contains("BLOB") || type.isEmpty() || (strict && type.equals("ANY"))) {
            return "blob";
        } else if (type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB")) {
            return "real";
        }
        return "numeric";
    }
}
