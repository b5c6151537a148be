package dev.rowtide.sqlite.capture;

import java.io.IOException;

/** There is no room for another transaction. */
final class SpoolFullException extends IOException {
    private static final long serialVersionUID = 1;
}
