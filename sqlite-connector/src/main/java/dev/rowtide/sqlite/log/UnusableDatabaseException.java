package dev.rowtide.sqlite.log;

import java.io.IOException;

/** The database cannot be followed, and waiting does not help. The message names the reason and the way out. */
public final class UnusableDatabaseException extends IOException {
    private static final long serialVersionUID = 1;

    public UnusableDatabaseException(String message) {
        super(message);
    }
}
