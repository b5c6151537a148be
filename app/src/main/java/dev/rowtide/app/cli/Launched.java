package dev.rowtide.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** What was outside when this process was started, for lines that a person is to paste there. */
final class Launched {
    /** Set by the launcher: how it was called. */
    private static final String COMMAND = "rowtide.command";

    /** What no shell takes for anything else. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+,=-]+");

    private Launched() {}

    /** How to call this program. */
    static String command() {
        return shellWord(System.getProperty(COMMAND, "rowtide"));
    }

    /** {@code text} as one word of a shell's command line. */
    static String shellWord(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** Whether the shell would find that program. */
    static boolean isOnPath(String program, Map<String, String> environment) {
        for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** Where temporary folders go. Java does not look at TMPDIR by itself. */
    static Path temporaryFolder(Map<String, String> environment) {
        String chosen = environment.getOrDefault("TMPDIR", "");
        return Path.of(chosen.isEmpty() ? System.getProperty("java.io.tmpdir") : chosen)
                .toAbsolutePath();
    }
}
