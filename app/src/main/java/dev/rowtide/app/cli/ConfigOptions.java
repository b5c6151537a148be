package dev.rowtide.app.cli;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.app.config.ConfigLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that works with the database. Texts, not numbers: the configuration checks them and says what is wrong. */
final class ConfigOptions {
    /** A password in a URL's user part, or among its parameters. */
    private static final Pattern PASSWORD = Pattern.compile("//[^/@:]*:[^/]+@|[?&]password=");

    @Option(
            names = "--database",
            paramLabel = "URL",
            description =
                    "The database: postgres://user@host:5432/name or sqlite:./app.db. Or ROWTIDE_DATABASE; the password also from PGPASSWORD.")
    private @Nullable String database;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A configuration in YAML; config/rowtide.yaml shows what there is. Or ROWTIDE_CONFIG.")
    private @Nullable Path file;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Where the position in the database's log is kept, and of SQLite a copy; .rowtide by default.")
    private @Nullable String dataDirectory;

    /**
     * The configuration.
     *
     * @param further more that the command line gave: keys of options, and their texts or null
     */
    AppConfig load(Map<String, String> environment, Map<String, @Nullable String> further) throws ConfigException {
        Map<String, String> given = new HashMap<>();
        further.forEach((key, text) -> put(given, key, text));
        put(given, "database", database);
        put(given, "data-dir", dataDirectory);
        return new ConfigLoader(environment).load(file, given);
    }

    /** Whether everybody on this machine can read the password in the list of processes. The launcher takes it out; plain Java cannot. */
    boolean showsPassword() {
        return database != null && PASSWORD.matcher(database).find();
    }

    private static void put(Map<String, String> given, String key, @Nullable String text) {
        if (text != null) {
            given.put(key, text);
        }
    }
}
