package dev.rowtide.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The {@code ROWTIDE_*} variables: which option each overrides, and which have another use. */
final class Environment {
    private static final String PREFIX = "ROWTIDE_";

    /** Names a configuration file, as {@code --config} does. */
    static final String CONFIG = PREFIX + "CONFIG";

    /** What the logging accepts; it would fall silent at anything else. */
    private static final Map<String, List<String>> CHOICES = Map.of(
            PREFIX + "LOG_LEVEL",
            List.of("debug", "info", "warn", "error"),
            PREFIX + "LOG_FORMAT",
            List.of("text", "json"));

    /** Not options: read by the launcher, by the logging or by {@code tail}. Each is a row in docs/configuration.md. */
    static final Map<String, String> OTHERS = new TreeMap<>(Map.of(
            CONFIG,
            "The configuration file, as `--config`",
            PREFIX + "TOKEN",
            "The token that `tail` brings, as `--token`",
            PREFIX + "LOG_LEVEL",
            "How much is logged: `debug`, `info` (the default), `warn` or `error`",
            PREFIX + "LOG_FORMAT",
            "`text` (the default) or `json`, one object a line",
            PREFIX + "JAVA_OPTS",
            "Further options for the Java virtual machine, for example `-Xmx512m`",
            PREFIX + "CLASSPATH",
            "Jars to add to the class path, for example one with an authenticator"));

    private final Map<String, Option<?>> byVariable = new LinkedHashMap<>();

    Environment(List<Option<?>> options) {
        for (Option<?> option : options) {
            String variable = option.variable();
            if (variable != null) {
                byVariable.put(variable, option);
            }
        }
    }

    /**
     * Takes the variables that override options, and notes those that nobody would ever read.
     *
     * @param mentioned variables that the file refers to, and which may therefore have any name
     */
    void read(Map<String, String> variables, Set<String> mentioned, Settings settings, Problems problems) {
        for (Map.Entry<String, String> variable : new TreeMap<>(variables).entrySet()) {
            String name = variable.getKey();
            Option<?> option = byVariable.get(name);
            Origin origin = Origin.environment(name);
            if (option != null) {
                ConfigTree tree = option.kind().ofText(variable.getValue(), origin);
                if (tree != null) {
                    settings.read(option, option.key(), tree, problems);
                }
                continue;
            }
            List<String> choices = CHOICES.get(name);
            if (choices != null && !choices.contains(variable.getValue())) {
                problems.add(
                        origin,
                        "",
                        "'" + variable.getValue() + "' is not known. Allowed: " + String.join(", ", choices));
            }
            if (name.startsWith(PREFIX) && !OTHERS.containsKey(name) && !mentioned.contains(name)) {
                List<String> known = new ArrayList<>(byVariable.keySet());
                known.addAll(OTHERS.keySet());
                problems.add(
                        origin,
                        "",
                        "there is no such variable. "
                                + Spelling.nearest(name, known)
                                        .map(near -> "Did you mean " + near + "?")
                                        .orElse("docs/configuration.md lists them; what begins with " + PREFIX
                                                + " is Rowtide's"));
            }
        }
    }
}
