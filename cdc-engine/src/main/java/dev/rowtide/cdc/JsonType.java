package dev.rowtide.cdc;

import java.util.List;

/** What the values of a column are in the JSON of an event. Null is not part of it. */
public sealed interface JsonType {

    /** Values without inner structure that is known. */
    enum Simple implements JsonType {
        BOOLEAN,
        /** Those that JSON has no number for, infinities and NaN, are strings all the same. */
        NUMBER,
        STRING,
        /** SQLite's columns that hold what is put into them. */
        NUMBER_OR_STRING,
        /** Any JSON, also null. */
        JSON,
        /** An object whose values are strings or null: hstore. */
        TEXT_MAP
    }

    /** One of these strings: an enum. */
    record Labels(List<String> labels) implements JsonType {
        public Labels {
            labels = List.copyOf(labels);
        }
    }

    /**
     * Arrays in arrays, with elements at the bottom that may be null.
     *
     * @param dimensions how deep, 1 or more
     */
    record Array(JsonType element, int dimensions) implements JsonType {}

    /** An object with these members: a composite. */
    record Composite(List<ResourceRows.Column> fields) implements JsonType {
        public Composite {
            fields = List.copyOf(fields);
        }
    }
}
