package dev.rowtide.cdc;

/** The two tokens of RFC 8259 that need care: strings and numbers. */
public final class JsonText {
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final int FIRST_PLAIN = 0x20;

    private JsonText() {}

    /** {@code text} as a JSON string. */
    public static String string(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2);
        appendString(text, 0, text.length(), json);
        return json.toString();
    }

    /** Appends {@code text[from, to)} as a JSON string. */
    public static void appendString(String text, int from, int to, StringBuilder json) {
        json.append('"');
        appendEscaped(text, from, to, json);
        json.append('"');
    }

    /** Appends {@code text[from, to)} as the inside of a JSON string. */
    public static void appendEscaped(String text, int from, int to, StringBuilder json) {
        int plain = from;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= FIRST_PLAIN && c != '"' && c != '\\') {
                continue;
            }
            json.append(text, plain, i);
            plain = i + 1;
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> json.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 0xf]);
            }
        }
        json.append(text, plain, to);
    }

    /** Where {@code c} is in {@code text[from, to)}, or {@code to}: String.indexOf would look through the rest of a long text too. */
    public static int find(char c, String text, int from, int to) {
        int i = from;
        while (i < to && text.charAt(i) != c) {
            i++;
        }
        return i;
    }

    /** Where the JSON number that begins at {@code from} ends, or -1 if none begins there. */
    public static int numberEnd(String text, int from, int to) {
        int i = from < to && text.charAt(from) == '-' ? from + 1 : from;
        if (i < to && text.charAt(i) == '0') {
            i++;
        } else {
            i = digitsEnd(text, i, to);
        }
        if (i > 0 && i < to && text.charAt(i) == '.') {
            i = digitsEnd(text, i + 1, to);
        }
        if (i > 0 && i < to && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
            i++;
            if (i < to && (text.charAt(i) == '+' || text.charAt(i) == '-')) {
                i++;
            }
            i = digitsEnd(text, i, to);
        }
        return i;
    }

    /** Where the digits from {@code from} end, or -1 if there is none. */
    private static int digitsEnd(String text, int from, int to) {
        int i = from;
        while (i >= 0 && i < to && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i == from ? -1 : i;
    }

    /** Appends a number as jsonb has it: with all its digits, but without the sign of a negative zero. */
    public static void appendNumber(String text, int from, int to, StringBuilder json) {
        json.append(text, text.charAt(from) == '-' && isZero(text, from + 1, to) ? from + 1 : from, to);
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == 'e' || c == 'E') {
                break;
            }
            if (c != '0' && c != '.') {
                return false;
            }
        }
        return true;
    }
}
