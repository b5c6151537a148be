package dev.rowtide.cdc.postgres;

/**
 * A {@link JsonValueWriter} that can also read a part of a longer text: the elements of an array and the fields of a composite are
 * written where they stand, without a string for each.
 */
@FunctionalInterface
interface SpanWriter extends JsonValueWriter {

    /** Appends the JSON of the value whose text is {@code text[from, to)}. */
    void write(String text, int from, int to, StringBuilder json);

    @Override
    default void write(String text, StringBuilder json) {
        write(text, 0, text.length(), json);
    }
}
