package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonText;

/** The values without inner structure. Each writes a string where its text is not what it expects. */
final class ScalarWriters {
    private static final int HOURS_ONLY = "+00".length();

    /** Most types: their text as it is. */
    static final SpanWriter TEXT = JsonText::appendString;

    /** The digits as they are; {@code NaN}, {@code Infinity} and {@code -Infinity} are strings, JSON having no number for them. */
    static final SpanWriter NUMBER = (text, from, to, json) -> {
        if (JsonText.numberEnd(text, from, to) == to) {
            JsonText.appendNumber(text, from, to, json);
        } else {
            JsonText.appendString(text, from, to, json);
        }
    };

    static final SpanWriter BOOLEAN = (text, from, to, json) -> {
        char c = to - from == 1 ? text.charAt(from) : ' ';
        switch (c) {
            case 't' -> json.append("true");
            case 'f' -> json.append("false");
            default -> JsonText.appendString(text, from, to, json);
        }
    };

    /** {@code 2024-02-29 12:00:00 BC}: jsonb has the XSD form, a {@code T} for the first blank; the era stays where it is. */
    static final SpanWriter TIMESTAMP = (text, from, to, json) -> {
        json.append('"');
        appendWithT(text, from, to, json);
        json.append('"');
    };

    /** The same with an offset, of which the XSD form always has the minutes: {@code +00} becomes {@code +00:00}. */
    static final SpanWriter TIMESTAMP_WITH_ZONE = (text, from, to, json) -> {
        int end = JsonText.find(' ', text, Math.min(JsonText.find(' ', text, from, to) + 1, to), to);
        int sign = end - HOURS_ONLY;
        boolean hoursOnly = sign > from && (text.charAt(sign) == '+' || text.charAt(sign) == '-');
        json.append('"');
        appendWithT(text, from, end, json);
        json.append(hoursOnly ? ":00" : "");
        JsonText.appendEscaped(text, end, to, json);
        json.append('"');
    };

    private ScalarWriters() {}

    private static void appendWithT(String text, int from, int to, StringBuilder json) {
        int blank = JsonText.find(' ', text, from, to);
        JsonText.appendEscaped(text, from, blank, json);
        if (blank < to) {
            json.append('T');
            JsonText.appendEscaped(text, blank + 1, to, json);
        }
    }
}
