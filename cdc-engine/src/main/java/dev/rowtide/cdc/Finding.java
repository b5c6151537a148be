package dev.rowtide.cdc;

import java.util.List;

/**
 * Something about the database that keeps changes from flowing, or will.
 *
 * @param severity how bad it is
 * @param subject what it is about, for example {@code table public.posts}
 * @param sentence what is the case, why it matters, and what to do
 * @param sql what mends it, ready to paste and in this order: SQL, or a line of a shell or a configuration file where SQL cannot help;
 *     empty if only a person can know
 */
public record Finding(Severity severity, String subject, String sentence, List<String> sql) {

    /** In the order in which people should read them. */
    public enum Severity {
        /** Changes do not flow, or the application that writes to the database would be disturbed. */
        ERROR,
        /** Changes flow, but some of them, or some of their values, are not what one would expect. */
        WARNING,
        /** Good to know. */
        INFO
    }

    public Finding {
        sql = List.copyOf(sql);
    }

    /** Changes do not flow. */
    public static Finding error(String subject, String sentence, String... sql) {
        return new Finding(Severity.ERROR, subject, sentence, List.of(sql));
    }

    /** Something is not what one would expect. */
    public static Finding warning(String subject, String sentence, String... sql) {
        return new Finding(Severity.WARNING, subject, sentence, List.of(sql));
    }

    /** Good to know. */
    public static Finding info(String subject, String sentence, String... sql) {
        return new Finding(Severity.INFO, subject, sentence, List.of(sql));
    }
}
