package dev.rowtide.app.cli;

import dev.rowtide.app.config.ConfigException;
import dev.rowtide.cdc.SourceFailure;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The process begins here. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // PostgreSQL's text of timestamptz follows the session's time zone, and that of the driver's session is ours.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        // Java 17 would write in the locale's encoding, which in a container is ASCII.
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        System.exit(run(List.of(arguments), System.getenv(), out, err));
    }

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    static int run(List<String> arguments, Map<String, String> environment, PrintWriter out, PrintWriter err) {
        return commandLine(environment)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(Main::explainMistake)
                .setExecutionExceptionHandler((exception, command, parsed) -> explainFailure(exception, command))
                .execute(arguments.toArray(String[]::new));
    }

    /** All commands, in the order in which the help lists them. */
    static CommandLine commandLine(Map<String, String> environment) {
        return new CommandLine(new RootCommand())
                .addSubcommand(new DemoCommand(environment))
                .addSubcommand(new ServeCommand(environment))
                .addSubcommand(new TailCommand(environment))
                .addSubcommand(new DoctorCommand(environment))
                .addSubcommand(new TypesCommand(environment))
                .addSubcommand(new DropSlotCommand(environment))
                .addSubcommand(new SqlCommand(environment))
                .addSubcommand(new VersionCommand())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static int explainMistake(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("rowtide: " + exception.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.MISTAKE;
    }

    private static int explainFailure(Exception exception, CommandLine command) {
        PrintWriter err = command.getErr();
        if (exception instanceof ConfigException config) {
            List<ConfigException.Problem> problems = config.problems();
            err.println("rowtide: nothing was done, the configuration has "
                    + (problems.size() == 1 ? "a problem:" : problems.size() + " problems:"));
            problems.forEach(problem -> err.println("  " + problem));
            return ExitCode.MISTAKE;
        }
        if (exception instanceof CommandFailure failure) {
            err.println("rowtide: " + failure.getMessage());
            return failure.exitCode();
        }
        if (exception instanceof SourceFailure failure) {
            err.println("rowtide: " + failure.sentence());
            return ExitCode.FAILED;
        }
        err.println("rowtide: " + (exception.getMessage() == null ? exception.toString() : exception.getMessage()));
        Logger log = LoggerFactory.getLogger(Main.class);
        log.debug("The failure in full", exception);
        if (!log.isDebugEnabled()) {
            err.println("ROWTIDE_LOG_LEVEL=debug shows where it comes from.");
        }
        return ExitCode.FAILED;
    }
}
