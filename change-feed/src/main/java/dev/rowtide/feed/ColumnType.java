package dev.rowtide.feed;

/**
 * How a database compares the values of a column. Domains count as what they are domains over.
 *
 * <p>A filter needs it to give the same answer as the database; nothing else looks at it.
 */
public sealed interface ColumnType {

    /** The type for people, with its article: {@code a number}. */
    String description();

    /** A column whose values are all of one type: PostgreSQL's. */
    enum Typed implements ColumnType {
        BOOLEAN("a boolean"),
        /** Integers and numeric: all digits count; NaN is larger than anything else and equal to itself. */
        EXACT_NUMBER("a number"),
        /** A 32-bit binary number. */
        FLOAT4("a number of type real"),
        /** A 64-bit binary number. */
        FLOAT8("a number of type double precision"),
        /** Text in the order of its code points, as under {@code COLLATE "C"}. */
        TEXT("a text"),
        /** {@code char(n)}: text of which trailing blanks do not count, except for LIKE. */
        PADDED_TEXT("a text of type char(n)"),
        UUID("a uuid"),
        DATE("a date"),
        /** A date and a time of day that belong to no time zone. */
        TIMESTAMP("a timestamp"),
        /** An instant. */
        TIMESTAMP_WITH_ZONE("a timestamp with time zone"),
        /** A time of day. */
        TIME("a time"),
        /** The labels of an enum, which are equal or not; their order is the catalog's and not offered. */
        ENUM("an enum"),
        /** bytea, written as {@code \x} and hexadecimal digits. */
        BYTES("a bytea");

        private final String description;

        Typed(String description) {
            this.description = description;
        }

        @Override
        public String description() {
            return description;
        }
    }

    /**
     * A column that takes values of every {@link StorageClass}: SQLite's.
     *
     * @param affinity what it makes of a value that it is compared with
     * @param collation how it compares texts
     */
    record Dynamic(Affinity affinity, Collation collation) implements ColumnType {
        @Override
        public String description() {
            return switch (affinity) {
                case INTEGER -> "an integer";
                case REAL -> "a real";
                case NUMERIC -> "a number or a text (affinity NUMERIC)";
                case TEXT -> "a text";
                case BLOB -> "a BLOB";
                case NONE -> "without a type";
            };
        }
    }

    /**
     * A column that filters cannot compare.
     *
     * @param name the type, as the database calls it
     */
    record Opaque(String name) implements ColumnType {
        @Override
        public String description() {
            return "of type " + name;
        }
    }

    /** SQLite's affinities ("Datatypes In SQLite", section 3); what SQLite calls BLOB is told apart into two. */
    enum Affinity {
        INTEGER,
        REAL,
        NUMERIC,
        TEXT,
        /** The declared type says BLOB. */
        BLOB,
        /** There is no declared type, or it is ANY in a STRICT table. */
        NONE
    }

    /** SQLite's built-in collating sequences ("Datatypes In SQLite", section 7). */
    enum Collation {
        /** By the bytes of UTF-8, which is the order of the code points. */
        BINARY,
        /** The same in a database whose encoding is UTF-16le: by the bytes of that, the lower one first. */
        BINARY_UTF16LE,
        /** The same in a database whose encoding is UTF-16be. */
        BINARY_UTF16BE,
        /** As BINARY of UTF-8, A to Z taken for a to z. */
        NOCASE,
        /** As BINARY of UTF-8, without blanks at the end. */
        RTRIM
    }
}
