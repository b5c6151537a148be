package dev.rowtide.app.config;

import java.util.ArrayList;
import java.util.List;

/** Collects everything that is wrong, so that a person mends it in one go. */
final class Problems {
    private final List<ConfigException.Problem> problems = new ArrayList<>();

    /**
     * @param key which option, as it is written in the documentation; empty if the problem is not about one
     * @param sentence what was given and what is allowed; without secrets
     */
    void add(Origin origin, String key, String sentence) {
        problems.add(new ConfigException.Problem(origin.toString(), key, sentence));
    }

    /** @throws ConfigException if there is any */
    void throwIfAny() throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
