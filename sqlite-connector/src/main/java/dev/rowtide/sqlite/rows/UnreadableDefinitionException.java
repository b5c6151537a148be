package dev.rowtide.sqlite.rows;

import java.io.IOException;

/** A table whose definition SQLite cannot parse here. The message names it, with SQLite's reason. */
public final class UnreadableDefinitionException extends IOException {
    private static final long serialVersionUID = 1;

    public UnreadableDefinitionException(String message) {
        super(message);
    }
}
