package dev.rowtide.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The standard output of {@code tail}: one message a line, at once. */
final class LineOutput {
    private final OutputStream out;
    private final boolean raw;

    /** @param raw whether messages that are only of interest to a client are wanted too */
    LineOutput(OutputStream out, boolean raw) {
        this.out = out;
        this.raw = raw;
    }

    /** Whether messages of this type are printed. */
    boolean wants(String type) {
        return raw
                || switch (type) {
                    case "subscribed", "unsubscribed", "ack", "heartbeat", "closing", "error" -> false;
                    default -> true;
                };
    }

    /** Whether everything is printed as it comes. */
    boolean raw() {
        return raw;
    }

    /**
     * Prints a message.
     *
     * @param message JSON, as it came
     * @throws IOException if nobody reads any more
     */
    void print(String message) throws IOException {
        // A line break between JSON's tokens means nothing, inside a string it is escaped: so none is needed.
        String line =
                message.indexOf('\n') < 0 ? message : message.replace('\n', ' ').replace('\r', ' ');
        out.write((line + '\n').getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
