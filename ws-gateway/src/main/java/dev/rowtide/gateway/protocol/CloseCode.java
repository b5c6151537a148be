package dev.rowtide.gateway.protocol;

/**
 * Why the server closes a connection. 4000 to 4499: come back; 4500 to 4999: coming back changes nothing. Below 3000 they are RFC 6455's own.
 */
public enum CloseCode {
    /** A text message that is not UTF-8. */
    INVALID_UTF8(1007, "text that is not valid UTF-8"),
    /** A message so far over the limit that even discarding it costs too much. */
    MESSAGE_TOO_LARGE(1009, "message far over the size limit"),
    /** The server is stopping; a {@code closing} message said when to come back. */
    DRAINING(4001, "the server is stopping, reconnect"),
    /** The peer reads more slowly than messages come, and more than the limit waits for it. */
    SLOW_CONSUMER(4008, "too slow: more is waiting than the limit allows"),
    /** The credential has ended; come back with a new one. */
    RESYNC(4010, "the credential expired, reconnect with a new one"),
    /** Nothing at all arrived for the heartbeat interval and a grace time. */
    NO_PONG(4012, "nothing was heard, not even a pong"),
    /** {@code rate_limited} was not heeded. */
    RATE(4029, "too many messages in spite of rate_limited"),
    /** Not a token that is known. Said at the upgrade, as a status, wherever possible. */
    BAD_TOKEN(4500, "bad credentials"),
    /** What came cannot be this protocol. */
    PROTOCOL(4501, "not this protocol"),
    /** The page's origin is not welcome. */
    ORIGIN(4503, "origin not allowed"),
    /** More than one client may have. */
    LIMIT(4504, "limit reached"),
    /** Known, but no longer welcome. */
    DENIED(4507, "denied");

    private final int code;
    private final String reason;

    CloseCode(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** The number in the CLOSE frame. */
    public int code() {
        return code;
    }

    /** The sentence in the CLOSE frame, at most 123 bytes. */
    public String reason() {
        return reason;
    }
}
