package dev.rowtide.sqlite.state;

import java.io.IOException;

/** Another process, or another connector of this one, uses the state directory. */
public final class StateInUseException extends IOException {
    private static final long serialVersionUID = 1;

    public StateInUseException(String message) {
        super(message);
    }
}
