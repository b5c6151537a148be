package dev.rowtide.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rowtide version}. */
@Command(
        name = "version",
        description = "Shows the version, and the Java that runs it.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {ExitCode.DONE_TEXT})
final class VersionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println(text());
    }

    /** One line. */
    static String text() {
        Properties properties = new Properties();
        try (InputStream file = VersionCommand.class.getResourceAsStream("/rowtide.properties")) {
            if (file != null) {
                properties.load(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the version cannot be read from the jar", e);
        }
        return "rowtide " + properties.getProperty("version", "unknown") + " (Java " + Runtime.version() + ")";
    }

    /** The same for {@code rowtide --version}. */
    static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }
}
