package dev.rowtide.cdc.postgres;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row type: {@code (1,"a ""b""",)}, an empty field being NULL and {@code ""} an empty string; an object by the names of the fields.
 *
 * <p>The text has neither names nor types, so both come from the catalog as it is now, and {@code ALTER TYPE} (or {@code ALTER TABLE},
 * if the type is a table's) changes them without any sign in the log. A number of fields that differs from what is known is that sign:
 * the fields are then read again, once for each number, so that a backlog from before the change does not ask for every row. With fewer
 * fields than the type has now, the last ones were added later and are null, as PostgreSQL itself reads such a value; with more, one was
 * dropped, nobody knows which, and the text is written as a string.
 *
 * @see <a href="https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX">Composite type input and output syntax</a>
 */
final class CompositeWriter extends StructuredWriter {

    /**
     * @param key the field's name as JSON, with the colon
     * @param value its type's writer
     */
    record Field(String key, SpanWriter value) {}

    /** Where the fields of this type come from, in their order, dropped ones left out. */
    interface FieldSource {

        /** Changes when what {@link #read} said may no longer be true. */
        int generation();

        /** The fields as the catalog has them now, or null if it cannot be asked or has no such type any more. */
        @Nullable
        List<Field> read();
    }

    private final FieldSource source;
    private final BitSet knownWidths = new BitSet();
    private List<Field> fields;
    private int generation;

    CompositeWriter(FieldSource source, List<Field> fields) {
        this.source = source;
        this.fields = fields;
        this.generation = source.generation();
    }

    @Override
    boolean parse(String text, int from, int to, StringBuilder json) {
        if (generation != source.generation()) {
            readFields();
        }
        int width = width(text, from, to);
        if (width < 0) {
            return false;
        }
        if (width != fields.size() && !knownWidths.get(width)) {
            knownWidths.set(width);
            readFields();
        }
        if (width > fields.size()) {
            return false;
        }
        writeFields(text, from + 1, to, json);
        return true;
    }

    private void readFields() {
        generation = source.generation();
        List<Field> now = source.read();
        if (now != null) {
            fields = now;
        }
    }

    private void writeFields(String text, int from, int to, StringBuilder json) {
        json.append('{');
        int i = from;
        boolean ended = false;
        for (int f = 0; f < fields.size(); f++) {
            Field field = fields.get(f);
            json.append(f == 0 ? "" : ",").append(field.key());
            int end = ended ? i : fieldEnd(text, i, to);
            if (end == i) {
                json.append("null");
            } else {
                writeField(text, i, end, field.value(), json);
            }
            if (!ended) {
                ended = text.charAt(end) == ')';
                i = end + 1;
            }
        }
        json.append('}');
    }

    /** The number of fields of the text, or -1 if it is no row. One NULL and no field at all look the same: the catalog decides. */
    private int width(String text, int from, int to) {
        if (to - from < 2 || text.charAt(from) != '(') {
            return -1;
        }
        if (to - from == 2 && text.charAt(from + 1) == ')') {
            return Math.min(fields.size(), 1);
        }
        int width = 1;
        int i = from + 1;
        while (true) {
            i = fieldEnd(text, i, to);
            if (i < 0) {
                return -1;
            }
            if (text.charAt(i) == ')') {
                return i == to - 1 ? width : -1;
            }
            width++;
            i++;
        }
    }

    /** Where the comma or parenthesis behind the field that begins at {@code from} is, or -1 if there is none. */
    private static int fieldEnd(String text, int from, int to) {
        boolean quoted = false;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == '"') {
                // A doubled quote closes and opens again.
                quoted = !quoted;
            } else if (c == '\\') {
                i++;
            } else if (!quoted && isEnd(c)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isEnd(char c) {
        return c == ',' || c == ')';
    }

    private static void writeField(String text, int from, int to, SpanWriter value, StringBuilder json) {
        if (text.charAt(from) != '"') {
            value.write(text, from, to, json);
            return;
        }
        int plain = from + 1;
        int i = plain;
        while (text.charAt(i) != '"' && text.charAt(i) != '\\') {
            i++;
        }
        if (i == to - 1) {
            value.write(text, plain, i, json);
            return;
        }
        StringBuilder unquoted = new StringBuilder(to - from);
        while (i < to - 1) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                // Both stand for the character behind them: "" and \\.
                unquoted.append(text, plain, i);
                i++;
                plain = i;
            }
            i++;
        }
        value.write(unquoted.append(text, plain, to - 1).toString(), json);
    }
}
