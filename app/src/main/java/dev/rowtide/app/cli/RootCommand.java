package dev.rowtide.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code rowtide} alone: says what there is. */
@Command(
        name = "rowtide",
        versionProvider = VersionCommand.Provider.class,
        description = "Turns a database that you already have into a realtime API.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {ExitCode.DONE_TEXT, ExitCode.FAILED_TEXT, ExitCode.MISTAKE_TEXT},
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  rowtide demo",
            "  rowtide serve --database postgres://user@localhost:5432/shop",
            "  rowtide serve --database sqlite:./app.db",
            "  rowtide tail resource:posts",
            "  rowtide doctor --database postgres://user@localhost:5432/shop",
            "",
            "'rowtide COMMAND --help' says more. docs/configuration.md lists every option."
        })
final class RootCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this and ends.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version and ends.")
    private boolean version;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "no command given: demo, serve, tail, doctor, types, drop-slot, sql or version");
    }
}
