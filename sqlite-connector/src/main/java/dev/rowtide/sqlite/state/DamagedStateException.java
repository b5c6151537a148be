package dev.rowtide.sqlite.state;

import java.io.IOException;

/** The state directory is not what any crash leaves. The way out is to delete it; the next start makes a new copy of the database. */
public final class DamagedStateException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedStateException(String message) {
        super(message);
    }
}
