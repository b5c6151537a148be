package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonText;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code json} and {@code jsonb}: embedded, without blanks. A {@code json} value keeps what its author wrote; it is written again as
 * jsonb would have it: the last of equal keys, no negative zero. (The order of keys has no meaning and stays.)
 *
 * <p>Where jsonb cannot have the value at all and {@code to_jsonb} fails ({@code \u0000}, numbers beyond numeric's range), the value is
 * written as it is, being JSON all the same. Nesting deeper than {@value #MAX_DEPTH} would make the whole event unreadable to many
 * parsers (the common limits are 512 and 1,000): such a document becomes a JSON string that holds its text.
 */
final class JsonDocumentWriter extends StructuredWriter {
    static final int MAX_DEPTH = 500;
    private static final int UNICODE_DIGITS = 4;

    static final SpanWriter JSON = new JsonDocumentWriter(true);

    static final SpanWriter JSONB = new JsonDocumentWriter(false);

    private final boolean mayRepeatKeys;

    private JsonDocumentWriter(boolean mayRepeatKeys) {
        this.mayRepeatKeys = mayRepeatKeys;
    }

    @Override
    boolean parse(String text, int from, int to, StringBuilder json) {
        Rewriter rewriter = new Rewriter(text, from, to, json, mayRepeatKeys);
        return rewriter.value(0) && rewriter.isAtEnd();
    }

    /** One pass over one document. Every method leaves {@code at} behind what it has written, or returns false. */
    private static final class Rewriter {
        private final String text;
        private final int to;
        private final StringBuilder json;
        private final boolean mayRepeatKeys;
        private int at;

        Rewriter(String text, int from, int to, StringBuilder json, boolean mayRepeatKeys) {
            this.text = text;
            this.at = from;
            this.to = to;
            this.json = json;
            this.mayRepeatKeys = mayRepeatKeys;
        }

        boolean isAtEnd() {
            skipBlanks();
            return at == to;
        }

        boolean value(int depth) {
            skipBlanks();
            if (at >= to || depth > MAX_DEPTH) {
                return false;
            }
            return switch (text.charAt(at)) {
                case '{' -> object(depth + 1);
                case '[' -> array(depth + 1);
                case '"' -> string();
                case 't' -> word("true");
                case 'f' -> word("false");
                case 'n' -> word("null");
                default -> number();
            };
        }

        private boolean array(int depth) {
            if (depth > MAX_DEPTH) {
                return false;
            }
            json.append('[');
            at++;
            for (boolean first = true; !skip(']'); first = false) {
                if (!first) {
                    if (!skip(',')) {
                        return false;
                    }
                    json.append(',');
                }
                if (!value(depth)) {
                    return false;
                }
            }
            json.append(']');
            return true;
        }

        private boolean object(int depth) {
            if (depth > MAX_DEPTH) {
                return false;
            }
            json.append('{');
            at++;
            Members members = mayRepeatKeys ? new Members() : null;
            int start = json.length();
            for (boolean first = true; !skip('}'); first = false) {
                if (!first) {
                    if (!skip(',')) {
                        return false;
                    }
                    json.append(',');
                    skipBlanks();
                }
                int key = at;
                int member = json.length();
                if (!string()) {
                    return false;
                }
                if (members != null) {
                    members.add(unescaped(text, key + 1, at - 1), member);
                }
                if (!skip(':')) {
                    return false;
                }
                json.append(':');
                if (!value(depth)) {
                    return false;
                }
            }
            if (members != null) {
                members.dropRepeated(json, start);
            }
            json.append('}');
            return true;
        }

        /** A string, its escapes as they are. */
        private boolean string() {
            int end = stringEnd(text, at, to);
            if (end < 0) {
                return false;
            }
            json.append(text, at, end);
            at = end;
            return true;
        }

        private boolean word(String word) {
            if (!text.startsWith(word, at)) {
                return false;
            }
            json.append(word);
            at += word.length();
            return true;
        }

        private boolean number() {
            int end = JsonText.numberEnd(text, at, to);
            if (end < 0) {
                return false;
            }
            JsonText.appendNumber(text, at, end, json);
            at = end;
            return true;
        }

        private boolean skip(char c) {
            skipBlanks();
            if (at < to && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void skipBlanks() {
            while (at < to && (text.charAt(at) == ' ' || (text.charAt(at) >= '\t' && text.charAt(at) <= '\r'))) {
                at++;
            }
        }

        /** Where the string that begins at {@code from} ends, or -1 if none does. */
        private static int stringEnd(String text, int from, int to) {
            if (from >= to || text.charAt(from) != '"') {
                return -1;
            }
            for (int i = from + 1; i < to; i++) {
                char c = text.charAt(i);
                if (c == '"') {
                    return i + 1;
                }
                if (c < ' ' || (c == '\\' && !isEscape(text, i + 1, to))) {
                    return -1;
                }
                if (c == '\\') {
                    i++;
                }
            }
            return -1;
        }

        private static boolean isEscape(String text, int from, int to) {
            if (from < to && text.charAt(from) == 'u') {
                for (int i = from + 1; i <= from + UNICODE_DIGITS; i++) {
                    if (i >= to || Character.digit(text.charAt(i), 16) < 0) {
                        return false;
                    }
                }
                return true;
            }
            return from < to && "\"\\/bfnrt".indexOf(text.charAt(from)) >= 0;
        }

        /** The inside of a string without its escapes: {@code "a"} and {@code "\u0061"} are the same key. */
        private static String unescaped(String text, int from, int to) {
            if (JsonText.find('\\', text, from, to) == to) {
                return text.substring(from, to);
            }
            StringBuilder plain = new StringBuilder(to - from);
            for (int i = from; i < to; i++) {
                char c = text.charAt(i);
                if (c == '\\') {
                    i++;
                    c = switch (text.charAt(i)) {
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case 'u' -> (char) Integer.parseInt(text, i + 1, i + 1 + UNICODE_DIGITS, 16);
                        default -> text.charAt(i);
                    };
                    if (text.charAt(i) == 'u') {
                        i += UNICODE_DIGITS;
                    }
                }
                plain.append(c);
            }
            return plain.toString();
        }
    }

    /**
     * Where the members of one object stand in what was written. Repeated ones are taken out once, at the object's end: taking each out
     * when its successor is found would move the rest of the object each time.
     */
    private static final class Members {
        private final Map<String, Integer> lastOf = new HashMap<>();
        private int[] starts = new int[8];
        private int count;

        void add(String key, int start) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, count * 2);
            }
            starts[count] = start;
            lastOf.put(key, count);
            count++;
        }

        void dropRepeated(StringBuilder json, int start) {
            if (lastOf.size() == count) {
                return;
            }
            boolean[] kept = new boolean[count];
            lastOf.values().forEach(member -> kept[member] = true);
            StringBuilder survivors = new StringBuilder();
            for (int i = 0; i < count; i++) {
                if (kept[i]) {
                    int end = i + 1 < count ? starts[i + 1] - 1 : json.length();
                    survivors.append(survivors.isEmpty() ? "" : ",").append(json, starts[i], end);
                }
            }
            json.setLength(start);
            json.append(survivors);
        }
    }
}
