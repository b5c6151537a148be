package dev.rowtide.cdc.postgres;

/**
 * Turns the text of one column's value into the JSON that {@code to_jsonb(row)} has for it.
 *
 * <p>Never fails: a text that is not what the column's type promises is written as a JSON string, so that one odd value stops no
 * feed. SQL's NULL has no text and is the caller's to write.
 */
@FunctionalInterface
public interface JsonValueWriter {

    /**
     * @param text what the type's output function gives, with the settings of {@link SessionSettings}
     * @param json where the value is appended, complete and without blanks around it
     */
    void write(String text, StringBuilder json);
}
