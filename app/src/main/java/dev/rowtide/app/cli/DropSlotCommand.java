package dev.rowtide.app.cli;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.postgres.PostgresCleanup;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rowtide drop-slot}: takes back what {@code serve} made in the database. */
@Command(
        name = "drop-slot",
        description = {
            "Removes what the bridge made in a PostgreSQL database: the replication slot and the publication, and the position kept for them.",
            "Do this when you stop using the bridge: a slot that nobody reads keeps the server from recycling its log, until the disk"
                    + " is full."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            ExitCode.DONE_TEXT,
            "1:not removed, for example because a bridge is running; the standard error says why",
            ExitCode.MISTAKE_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  rowtide drop-slot --database postgres://user@localhost:5432/shop",
            "  rowtide drop-slot --config rowtide.yaml --yes"
        })
final class DropSlotCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    DropSlotCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigException, SourceFailure {
        AppConfig config = options.load(environment, Map.of());
        if (!(config.source() instanceof PostgresSource source)) {
            throw CommandFailure.mistake(
                    "there is no slot to drop: " + config.source().displayName()
                            + " is no PostgreSQL database. All that the bridge keeps of it is in "
                            + config.dataDirectory().toAbsolutePath() + ": stop the bridge and delete that directory");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (!yes && !confirmed(source)) {
            out.println("Nothing was removed.");
            return ExitCode.DONE;
        }
        PostgresCleanup.drop(source, config.dataDirectory()).forEach(out::println);
        return ExitCode.DONE;
    }

    private static boolean confirmed(PostgresSource source) {
        Console console = System.console();
        if (console == null) {
            throw CommandFailure.mistake("nobody can be asked here whether to drop slot '" + source.slotName() + "' of "
                    + source.displayName() + ": give --yes");
        }
        String answer = console.readLine(
                "Drop slot '%s' and publication '%s' of %s? Changes from now until the next 'serve' will not reach"
                        + " subscribers. [y/N] ",
                source.slotName(), source.publicationName(), source.displayName());
        return answer != null && (answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes"));
    }
}
