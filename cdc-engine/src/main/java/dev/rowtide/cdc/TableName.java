package dev.rowtide.cdc;

/**
 * A table with its schema, both exactly as the catalog has them (no quotes).
 *
 * @param schema the schema, {@code public} by default
 * @param table the table
 */
public record TableName(String schema, String table) implements Comparable<TableName> {

    /**
     * Reads {@code table} or {@code schema.table}; a part that contains a dot stands in double quotes, with {@code ""} for a quote in it.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote it
     */
    public static TableName parse(String text, String defaultSchema) {
        int i = 0;
        String first = null;
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    part.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == '.' && !quoted) {
                if (first != null) {
                    throw new IllegalArgumentException(
                            "'" + text + "' has more than one dot: write schema.table, and a name"
                                    + " that contains a dot in double quotes");
                }
                first = part.toString();
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        if (quoted || part.isEmpty() || (first != null && first.isEmpty())) {
            throw new IllegalArgumentException("'" + text + "' is not a table name: write table or schema.table");
        }
        return new TableName(first == null ? defaultSchema : first, part.toString());
    }

    /** As it stands in SQL: both parts quoted. */
    public String sql() {
        return quote(schema) + '.' + quote(table);
    }

    /** An SQL identifier, quoted. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : table.compareTo(other.table);
    }

    @Override
    public String toString() {
        return schema + '.' + table;
    }
}
