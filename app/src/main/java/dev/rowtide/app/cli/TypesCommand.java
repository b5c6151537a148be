package dev.rowtide.app.cli;

import dev.rowtide.app.TypeScript;
import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.cdc.SourceFailure;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rowtide types}: the resources, for programs in TypeScript. */
@Command(
        name = "types",
        description = {
            "Writes the rows of all resources as types of TypeScript to the standard output.",
            "Asks the database, not a bridge, and changes nothing. A running bridge answers the same at /realtime/types.ts."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", ExitCode.FAILED_TEXT, ExitCode.MISTAKE_TEXT},
        footer = {
            "",
            "Examples:",
            "  rowtide types --database postgres://user@localhost:5432/shop > realtime.d.ts",
            "  rowtide types --config rowtide.yaml > realtime.d.ts"
        })
final class TypesCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    TypesCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigException, SourceFailure {
        AppConfig config = options.load(environment, Map.of());
        PrintWriter out = spec.commandLine().getOut();
        out.print(TypeScript.of(config.source().describeRows()));
        out.flush();
        return ExitCode.DONE;
    }
}
