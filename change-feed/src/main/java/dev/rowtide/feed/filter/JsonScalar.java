package dev.rowtide.feed.filter;

/** JSON texts of single values, as databases write them: well-formed. */
final class JsonScalar {
    private static final String HEX = "0123456789abcdef";
    private static final int FIRST_PLAIN = 0x20;
    private static final int UNICODE_DIGITS = 4;
    private static final int HEXADECIMAL = 16;

    private JsonScalar() {}

    static boolean isNull(String json) {
        return json.charAt(0) == 'n';
    }

    static boolean isString(String json) {
        return json.charAt(0) == '"';
    }

    /** Where the value's own text begins: behind the quote of a string. */
    static int start(String json) {
        return isString(json) ? 1 : 0;
    }

    /** Where the value's own text ends. */
    static int end(String json) {
        return isString(json) ? json.length() - 1 : json.length();
    }

    /** What a string says, and any other value's text. */
    static String decode(String json) {
        int start = start(json);
        int end = end(json);
        int escape = json.indexOf('\\');
        if (escape < 0) {
            return json.substring(start, end);
        }
        StringBuilder text = new StringBuilder(end - start);
        int plain = start;
        while (escape >= 0) {
            text.append(json, plain, escape);
            char c = json.charAt(escape + 1);
            plain = escape + 2;
            switch (c) {
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'u' -> {
                    text.append((char) Integer.parseInt(json, plain, plain + UNICODE_DIGITS, HEXADECIMAL));
                    plain += UNICODE_DIGITS;
                }
                default -> text.append(c);
            }
            escape = json.indexOf('\\', plain);
        }
        return text.append(json, plain, end).toString();
    }

    /** Whether a string says {@code text}. */
    static boolean says(String json, String text) {
        return json.indexOf('\\') < 0
                ? json.length() == text.length() + 2 && json.startsWith(text, 1)
                : decode(json).equals(text);
    }

    /** {@code text} as a JSON string. */
    static String quote(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < FIRST_PLAIN) {
                json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
