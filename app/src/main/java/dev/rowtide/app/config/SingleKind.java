package dev.rowtide.app.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value that is written as one text.
 *
 * @param allowed the end of "Allowed: "
 * @param secret whether a problem may not repeat what was given
 * @param parser the value of a text, or {@link Mistake}
 * @param writer the text of a value
 */
record SingleKind<T>(String allowed, boolean secret, Parser<T> parser, Function<T, String> writer) implements Kind<T> {
    private static final int MOST_REPEATED = 80;

    /** Reads a text. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(String text) throws Mistake;
    }

    /** Why a text is not a value; reads on from the text: {@code 'abc'} {@code is not a number}. */
    static final class Mistake extends Exception {
        private static final long serialVersionUID = 1L;

        Mistake(String end) {
            super(end);
        }
    }

    @Override
    public @Nullable T read(ConfigTree given, String key, Problems problems) {
        if (!(given instanceof ConfigTree.Scalar scalar)) {
            mismatch(given, key, problems);
            return null;
        }
        if (scalar.isEmpty()) {
            problems.add(given.origin(), key, "has no value. Allowed: " + allowed);
            return null;
        }
        try {
            return parser.parse(scalar.text());
        } catch (Mistake e) {
            problems.add(given.origin(), key, repeat(scalar.text()) + ' ' + e.getMessage() + ". Allowed: " + allowed);
            return null;
        }
    }

    @Override
    public String write(T value) {
        return writer.apply(value);
    }

    @Override
    public ConfigTree ofText(String text, Origin origin) {
        return new ConfigTree.Scalar(text, false, origin);
    }

    private String repeat(String text) {
        if (secret) {
            return "this value";
        }
        return text.length() <= MOST_REPEATED ? "'" + text + "'" : "'" + text.substring(0, MOST_REPEATED) + "…'";
    }
}
