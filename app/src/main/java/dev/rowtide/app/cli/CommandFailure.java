package dev.rowtide.app.cli;

/** A command cannot do what it was asked to. The message is for the person who asked; there is no stack trace to show. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    private CommandFailure(int exitCode, String sentence) {
        super(sentence);
        this.exitCode = exitCode;
    }

    /** It was tried and did not work. */
    static CommandFailure failed(String sentence) {
        return new CommandFailure(ExitCode.FAILED, sentence);
    }

    /** It was not tried, because what was asked makes no sense. */
    static CommandFailure mistake(String sentence) {
        return new CommandFailure(ExitCode.MISTAKE, sentence);
    }

    int exitCode() {
        return exitCode;
    }
}
