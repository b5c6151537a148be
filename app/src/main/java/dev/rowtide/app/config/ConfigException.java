package dev.rowtide.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Carries all problems, not just the first. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialised; the superclass merely allows it
    private final List<Problem> problems;

    /**
     * One mistake.
     *
     * @param place file and line, environment variable or command line option
     * @param key the option, empty if it is about none
     * @param sentence what was given and what is allowed
     */
    public record Problem(String place, String key, String sentence) {
        @Override
        public String toString() {
            return place + (key.isEmpty() ? "" : ": " + key) + ": " + sentence;
        }
    }

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** All of them, in the order in which they were found. At least one. */
    public List<Problem> problems() {
        return problems;
    }
}
