package dev.rowtide.gateway.protocol;

import java.util.Locale;

/** What an {@code error} message is about. After an error the connection goes on, unless a close follows it. */
public enum ErrorCode {
    /** Not JSON, or not a message: a field is missing, of the wrong type or outside its range. */
    BAD_MESSAGE,
    /** A {@code type} that this server does not know. */
    UNKNOWN_TYPE,
    /** A channel name that cannot be: empty, too long, or a resource that does not exist. */
    BAD_CHANNEL,
    /** A filter that cannot be understood, or not by this version. */
    BAD_FILTER,
    /** The credentials that an {@code auth} message brought are not good. */
    UNAUTHORIZED,
    /** Known, but not allowed to do this. */
    FORBIDDEN,
    /** The credential has ended; 4010 follows. */
    TOKEN_EXPIRED,
    /** A message or its metadata is over the limit. The message was discarded. */
    TOO_LARGE,
    /** Too many messages. This one was discarded; {@code retryAfter} says when the next may come. */
    RATE_LIMITED,
    /** One more than one client may have, of channels for example. */
    LIMIT_REACHED,
    /** A position from which this server cannot resume. */
    UNKNOWN_POSITION,
    /** Needs a subscription to the channel first. */
    NOT_SUBSCRIBED,
    /** Cannot be answered now; the same message may succeed later. */
    UNAVAILABLE,
    /** A fault of the server. */
    INTERNAL;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The name in messages: the constant's in lower case. */
    public String wireName() {
        return wireName;
    }
}
