package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;

/**
 * A column that is stored in the table's pages; virtual generated columns are not, and are left out.
 *
 * @param name as declared
 * @param declaredType as declared, {@code ""} without one
 * @param affinity what SQLite makes of the declared type ("Datatypes In SQLite", section 3.1)
 * @param collation the collating sequence that compares its texts, in upper case: {@code BINARY} without a declared one
 * @param notNull whether NULL cannot occur: declared so, or part of a WITHOUT ROWID table's key, or a rowid
 * @param defaultValue what rows have that were written before the column was added, affinity applied; {@link StoredValue#NULL} without a default
 * @param generated whether it is a stored generated column
 */
public record Column(
        String name,
        String declaredType,
        Affinity affinity,
        String collation,
        boolean notNull,
        StoredValue defaultValue,
        boolean generated) {

    /** SQLite's type affinities. */
    public enum Affinity {
        INTEGER,
        TEXT,
        BLOB,
        REAL,
        NUMERIC;

        /**
         * What SQLite makes of a declared type ("Datatypes In SQLite", section 3.1): the first word found decides, in this order.
         *
         * @param strict whether the table is STRICT, where ANY means no conversion at all and not NUMERIC
         */
        static Affinity of(String declaredType, boolean strict) {
            String type = Schema.asciiUpperCase(declaredType);
            if (type.contains("INT")) {
                return INTEGER;
            } else if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
                return TEXT;
            } else if (type.contains("BLOB") || type.isEmpty() || strict && type.equals("ANY")) {
                return BLOB;
            } else if (type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB")) {
                return REAL;
            }
            return NUMERIC;
        }
    }
}
