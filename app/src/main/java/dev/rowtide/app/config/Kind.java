package dev.rowtide.app.config;

import org.jspecify.annotations.Nullable;

/**
 * What an option's value may be: its range, how it is read and how it is written in the documentation.
 *
 * @param <T> the value's type
 */
interface Kind<T> {

    /**
     * The value that {@code given} stands for; null, with the problem noted, if it is not one.
     *
     * @param key the option, for the problem
     */
    @Nullable
    T read(ConfigTree given, String key, Problems problems);

    /** What is allowed, as it stands in the documentation and in problems: {@code a whole number from 0 to 65535}. */
    String allowed();

    /** A value as it is written in a file. */
    String write(T value);

    /** What the text of an environment variable stands for; null if this kind cannot be given as one text. */
    @Nullable
    ConfigTree ofText(String text, Origin origin);

    /** Notes that the wrong sort of thing was given. */
    default void mismatch(ConfigTree given, String key, Problems problems) {
        if (!(given instanceof ConfigTree.Broken)) {
            problems.add(given.origin(), key, "is " + given.noun() + ". Allowed: " + allowed());
        }
    }
}
