package dev.rowtide.app.cli;

import dev.rowtide.app.PolicyCheck;
import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.cdc.SourceConfig;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rowtide doctor}: what is in the way of changes, and what mends it. */
@Command(
        name = "doctor",
        description = {
            "Examines a database. PostgreSQL: version, wal_level, privileges, slots, replica identities, tables without keys.",
            "SQLite: rights, journal mode, file system, who writes and who holds the log, space, tables without keys.",
            "Both: whether the rules about rows (read) fit the tables.",
            "Prints for each finding what mends it. Changes nothing."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing is in the way of changes", "1:there is at least one error", ExitCode.MISTAKE_TEXT},
        footer = {
            "",
            "Examples:",
            "  rowtide doctor --database postgres://user@localhost:5432/shop",
            "  rowtide doctor --database sqlite:./app.db",
            "  rowtide doctor --config rowtide.yaml --json | jq -r '.[].sql[]'"
        })
final class DoctorCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Option(names = "--json", description = "Print the findings as JSON.")
    private boolean json;

    DoctorCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigException {
        AppConfig config = options.load(environment, Map.of());
        SourceConfig source = config.source();
        FindingReport report =
                new FindingReport(source.examine(config.dataDirectory(), PolicyCheck.conditions(config.gateway())));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            report.printJson(out);
        } else {
            out.println("Examined " + source.displayName());
            report.print(out);
        }
        return report.hasErrors() ? ExitCode.FAILED : ExitCode.DONE;
    }
}
