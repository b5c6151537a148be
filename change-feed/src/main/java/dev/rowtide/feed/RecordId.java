package dev.rowtide.feed;

import java.util.ArrayList;
import java.util.List;

/**
 * The identity of a row, in the two forms that the wire wants.
 *
 * @param text as it stands in the channel {@code <name>:<id>}: the key's text; the parts of a composite key in key order, joined
 *     by {@code ,}, each with {@code %} and {@code ,} percent-encoded
 * @param json as it stands in {@code payload.id}: for a single key the same JSON value as in {@code data}, so that a client
 *     compares them with {@code ===}; for a composite key {@code text} as a JSON string
 */
public record RecordId(String text, String json) {

    /** The channel text of a composite key of two or more parts. */
    public static String compositeText(List<String> parts) {
        StringBuilder text = new StringBuilder();
        for (String part : parts) {
            if (!text.isEmpty()) {
                text.append(',');
            }
            // The percent sign first, or the comma's own encoding would be encoded again.
            text.append(part.replace("%", "%25").replace(",", "%2C"));
        }
        return text.toString();
    }

    /** The parts of which {@link #compositeText} made a text; of another text, whatever it has between its commas. */
    public static List<String> compositeParts(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            parts.add(part.replace("%2C", ",").replace("%25", "%"));
        }
        return parts;
    }
}
