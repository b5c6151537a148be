package dev.rowtide.app.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration from its layers, later ones winning: defaults, file, environment, command line. Finds all problems of all
 * layers before it gives up.
 */
public final class ConfigLoader {
    private final Map<String, String> environment;

    /** @param environment the process's variables */
    public ConfigLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * The configuration.
     *
     * @param file the file given on the command line; null for the one in {@code ROWTIDE_CONFIG}, or none
     * @param commandLine keys of options and their texts, for example {@code data-dir}
     * @throws ConfigException with everything that is wrong
     */
    public AppConfig load(@Nullable Path file, Map<String, String> commandLine) throws ConfigException {
        Problems problems = new Problems();
        Settings settings = new Settings();
        Origin origin = new Origin("configuration", 0);
        Set<String> mentioned = Set.of();

        String fromEnvironment = environment.get(Environment.CONFIG);
        Path chosen = file == null && fromEnvironment != null ? Path.of(fromEnvironment) : file;
        if (chosen != null) {
            origin = new Origin(chosen.toString(), 0);
            YamlFile yaml = new YamlFile(chosen.toString(), environment, problems);
            Schema.of(Options.ALL).read(yaml.read(chosen), settings, problems);
            mentioned = yaml.referenced();
        }
        new Environment(Options.ALL).read(environment, mentioned, settings, problems);
        readCommandLine(commandLine, settings, problems);

        AppConfig config = new ConfigMapping(settings, environment, origin, problems).map();
        problems.throwIfAny();
        if (config == null) {
            throw new IllegalStateException("no configuration, and nothing that says why");
        }
        return config;
    }

    private static void readCommandLine(Map<String, String> commandLine, Settings settings, Problems problems) {
        for (Option<?> option : Options.ALL) {
            String text = commandLine.get(option.key());
            if (text != null) {
                Origin origin = Origin.commandLine("--" + option.key());
                ConfigTree tree = option.kind().ofText(text, origin);
                if (tree != null) {
                    settings.read(option, option.key(), tree, problems);
                }
            }
        }
    }
}
