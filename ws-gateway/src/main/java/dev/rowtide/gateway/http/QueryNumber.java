package dev.rowtide.gateway.http;

import java.util.Map;

/** A number among the parameters of a request. */
final class QueryNumber {
    private QueryNumber() {}

    /**
     * @param query the parameters
     * @param otherwise what it is if it is not given
     * @throws IllegalArgumentException with a sentence, if it is no number from {@code min} to {@code max}
     */
    static int of(Map<String, String> query, String name, int min, int max, int otherwise) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, with what a number out of range gets.
        }
        throw new IllegalArgumentException(name + " is a number from " + min + " to " + max);
    }
}
