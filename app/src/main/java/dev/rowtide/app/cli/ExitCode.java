package dev.rowtide.app.cli;

/** What the process ends with. Shown by {@code --help} of every command. */
final class ExitCode {
    /** It did what it was asked to, or was asked to stop. */
    static final int DONE = 0;
    /** It could not: the sentence on the standard error says why. */
    static final int FAILED = 1;
    /** The command line or the configuration is wrong; nothing was started. */
    static final int MISTAKE = 2;

    static final String DONE_TEXT = "0:done, or stopped on request";
    static final String FAILED_TEXT = "1:failed; the standard error says why";
    static final String MISTAKE_TEXT = "2:the command line or the configuration is wrong, nothing was done";

    private ExitCode() {}
}
