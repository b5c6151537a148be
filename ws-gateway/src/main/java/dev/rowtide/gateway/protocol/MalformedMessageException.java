package dev.rowtide.gateway.protocol;

import org.jspecify.annotations.Nullable;

/** A client's message that is not one; answered with an {@code error}, the connection goes on. */
public final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;
    private final @Nullable String idJson;
    private final @Nullable String channel;

    MalformedMessageException(Problem problem, @Nullable String idJson, @Nullable String channel) {
        // No stack trace: clients cause it at will, and it never says more than the sentence.
        super(problem.message(), null, false, false);
        this.problem = problem;
        this.idJson = idJson;
        this.channel = channel;
    }

    public Problem problem() {
        return problem;
    }

    /** The message's {@code id} as it was given, if it could be read. */
    public @Nullable String idJson() {
        return idJson;
    }

    /** The message's channel, if it could be read and is a possible name. */
    public @Nullable String channel() {
        return channel;
    }
}
