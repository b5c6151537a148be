package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.JsonText;

/**
 * A value that has a grammar. Text outside the grammar can only mean that the catalog moved on since the change was logged; then this
 * value, and not what stands around it, becomes a JSON string.
 */
abstract class StructuredWriter implements SpanWriter {

    @Override
    public final void write(String text, int from, int to, StringBuilder json) {
        int start = json.length();
        if (!parse(text, from, to, json)) {
            json.setLength(start);
            JsonText.appendString(text, from, to, json);
        }
    }

    /**
     * Appends the JSON of {@code text[from, to)}.
     *
     * @return false if the text is not of this type; what was appended so far is then taken back
     */
    abstract boolean parse(String text, int from, int to, StringBuilder json);
}
