package dev.rowtide.cdc.postgres;

/**
 * An array: {@code [0:1][1:2]={{1,NULL},{"a b","c\"d"}}}, the bounds only where they do not begin at 1. JSON has no bounds, and jsonb
 * leaves them out.
 *
 * @see <a href="https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO">Array input and output syntax</a>
 */
final class ArrayWriter extends StructuredWriter {
    private static final String NULL = "NULL";

    private final SpanWriter element;
    private final char delimiter;

    /** @param delimiter {@code pg_type.typdelim} of the element type: a comma for all but box */
    ArrayWriter(SpanWriter element, char delimiter) {
        this.element = element;
        this.delimiter = delimiter;
    }

    @Override
    boolean parse(String text, int from, int to, StringBuilder json) {
        int depth = 0;
        boolean afterValue = false;
        int i = afterBounds(text, from, to);
        while (i >= 0 && i < to) {
            char c = text.charAt(i);
            if (depth == 0 && (c != '{' || afterValue)) {
                return false;
            }
            if (c == '}') {
                if (!afterValue && text.charAt(i - 1) != '{') {
                    return false;
                }
                json.append(']');
                depth--;
                i++;
                afterValue = true;
            } else if (c == delimiter) {
                if (!afterValue) {
                    return false;
                }
                json.append(',');
                i++;
                afterValue = false;
            } else if (afterValue) {
                return false;
            } else if (c == '{') {
                json.append('[');
                depth++;
                i++;
            } else {
                i = c == '"' ? writeQuoted(text, i + 1, to, json) : writePlain(text, i, to, json);
                afterValue = true;
            }
        }
        return i == to && depth == 0 && afterValue;
    }

    private static int afterBounds(String text, int from, int to) {
        int i = from;
        if (i < to && text.charAt(i) == '[') {
            while (i < to && text.charAt(i) != '=') {
                i++;
            }
            i++;
        }
        return i;
    }

    private int writePlain(String text, int from, int to, StringBuilder json) {
        int end = from;
        while (end < to && text.charAt(end) != delimiter && text.charAt(end) != '}') {
            end++;
        }
        if (end - from == NULL.length() && text.startsWith(NULL, from)) {
            json.append("null");
        } else {
            element.write(text, from, end, json);
        }
        return end;
    }

    /** Writes the element that begins behind its opening quote; returns where the closing quote ends, or -1 if there is none. */
    private int writeQuoted(String text, int from, int to, StringBuilder json) {
        int i = from;
        while (i < to && text.charAt(i) != '"' && text.charAt(i) != '\\') {
            i++;
        }
        if (i < to && text.charAt(i) == '"') {
            element.write(text, from, i, json);
            return i + 1;
        }
        StringBuilder unquoted = new StringBuilder();
        int plain = from;
        while (i < to && text.charAt(i) != '"') {
            if (text.charAt(i) == '\\') {
                unquoted.append(text, plain, i);
                i++;
                plain = i;
            }
            i++;
        }
        if (i >= to) {
            return -1;
        }
        element.write(unquoted.append(text, plain, i).toString(), json);
        return i + 1;
    }
}
