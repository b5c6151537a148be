package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonText;

/**
 * hstore: {@code "a"=>"1", "b"=>NULL}. An object, because the extension has a cast to json that {@code to_jsonb} uses; every value is
 * a string, also one that looks like a number.
 */
final class HstoreWriter extends StructuredWriter {
    private static final String ARROW = "=>";
    private static final String NULL = "NULL";
    private static final String SEPARATOR = ", ";

    @Override
    boolean parse(String text, int from, int to, StringBuilder json) {
        json.append('{');
        int i = from;
        while (i < to) {
            if (i > from) {
                if (!text.startsWith(SEPARATOR, i)) {
                    return false;
                }
                json.append(',');
                i += SEPARATOR.length();
            }
            i = appendString(text, i, to, json);
            if (i < 0 || !text.startsWith(ARROW, i)) {
                return false;
            }
            i += ARROW.length();
            json.append(':');
            if (text.startsWith(NULL, i)) {
                json.append("null");
                i += NULL.length();
            } else {
                i = appendString(text, i, to, json);
            }
            if (i < 0 || i > to) {
                return false;
            }
        }
        json.append('}');
        return true;
    }

    /** Appends the quoted string that begins at {@code from}; returns where it ends, or -1. */
    private static int appendString(String text, int from, int to, StringBuilder json) {
        if (from >= to || text.charAt(from) != '"') {
            return -1;
        }
        json.append('"');
        int plain = from + 1;
        for (int i = plain; i < to; i++) {
            char c = text.charAt(i);
            if (c == '"') {
                JsonText.appendEscaped(text, plain, i, json);
                json.append('"');
                return i + 1;
            }
            if (c == '\\') {
                JsonText.appendEscaped(text, plain, i, json);
                i++;
                plain = i;
            }
        }
        return -1;
    }
}
