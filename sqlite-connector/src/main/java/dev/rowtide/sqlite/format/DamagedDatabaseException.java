package dev.rowtide.sqlite.format;

import java.io.IOException;

/** Bytes that no sound SQLite file has. The message says which page, and what is wrong with it. */
public final class DamagedDatabaseException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedDatabaseException(String message) {
        super(message);
    }
}
