package dev.rowtide.sqlite.log;

import java.io.IOException;

/** The log is another one than the one that was read, or the files were replaced. Close, open again, and compare. */
public final class LogLostException extends IOException {
    private static final long serialVersionUID = 1;

    public LogLostException(String message) {
        super(message);
    }
}
