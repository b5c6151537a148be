package dev.rowtide.cdc;

/** Names in the lists of regular expressions by which Debezium's options choose tables. */
final class DebeziumLists {
    private DebeziumLists() {}

    /** A regular expression that matches just {@code name}, without a comma, at which Debezium would split the list. */
    static String literally(String name) {
        StringBuilder regex = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == '_') {
                regex.appendCodePoint(c);
            } else {
                regex.append("\\x{").append(Integer.toHexString(c)).append('}');
            }
        });
        return regex.toString();
    }
}
