package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;
import java.util.HexFormat;

/** Values as text that tells everything about them. */
final class Shown {
    private Shown() {}

    static String of(StoredValue value) {
        if (value instanceof StoredValue.Int number) {
            return "integer " + number.value();
        } else if (value instanceof StoredValue.Real number) {
            return "real " + number.value();
        } else if (value instanceof StoredValue.Text text) {
            return "text " + HexFormat.of().withUpperCase().formatHex(text.bytes());
        } else if (value instanceof StoredValue.Blob blob) {
            return "blob " + HexFormat.of().withUpperCase().formatHex(blob.bytes());
        }
        return "null";
    }
}
