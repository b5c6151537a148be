package dev.rowtide.app.cli;

import dev.rowtide.app.demo.SqliteShell;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rowtide sql}: one statement on a SQLite file, for machines without {@code sqlite3}. */
@Command(
        name = "sql",
        description = {
            "Runs one SQL statement on a SQLite file, and prints its rows or how many it changed.",
            "Waits up to 5 seconds for a transaction of another program. Makes no file."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            ExitCode.FAILED_TEXT,
            "2:there is no such file, or it is not one statement; nothing was done"
        },
        footer = {
            "",
            "Examples:",
            "  rowtide sql app.db \"SELECT * FROM posts LIMIT 5\"",
            "  rowtide sql app.db \"UPDATE posts SET title = 'High tide' WHERE id = 42\""
        })
final class SqlCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The database: a path, or sqlite:PATH.")
    @SuppressWarnings("NullAway.Init") // required
    private String file;

    @Parameters(index = "1", paramLabel = "STATEMENT", description = "The statement, as one word of the shell.")
    @SuppressWarnings("NullAway.Init") // required
    private String statement;

    SqlCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        try {
            new SqliteShell(path(), spec.commandLine().getOut()).run(statement, Launched.temporaryFolder(environment));
        } catch (InvalidPathException e) {
            throw CommandFailure.mistake("'" + file + "' is not a path: " + e.getReason());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.mistake(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
        return ExitCode.DONE;
    }

    private Path path() {
        return SqliteAddress.isOne(file) ? SqliteAddress.parse(file).file() : Path.of(file);
    }
}
