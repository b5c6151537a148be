package dev.rowtide.cdc;

import java.util.List;

/**
 * What the rows of a resource look like as JSON, for people who write programs that read them. As the database defines them at one moment; events are decoded by what the log says, and by nothing of this.
 *
 * @param name the public name
 * @param columns in table order, without the excluded ones
 */
public record ResourceRows(String name, List<Column> columns) {
    public ResourceRows {
        columns = List.copyOf(columns);
    }

    /**
     * @param name the column, or the field of a composite value
     * @param type of its values
     * @param nullable whether null is one of them
     */
    public record Column(String name, JsonType type, boolean nullable) {}
}
