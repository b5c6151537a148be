package dev.rowtide.gateway.protocol;

/**
 * What an {@code error} message says.
 *
 * @param code what it is about
 * @param message what, which value, what is allowed and what to do; shown to the client's developer
 * @param retryAfterMillis when the same may succeed, in milliseconds; 0 leaves it out
 */
public record Problem(ErrorCode code, String message, long retryAfterMillis) {
    private static final int MAX_SHOWN = 60;

    public Problem(ErrorCode code, String message) {
        this(code, message, 0);
    }

    /** A client's value as it may stand in a sentence: not longer than {@value #MAX_SHOWN} characters and on one line. */
    public static String shown(String value) {
        // Cut between characters, not inside of one: half a surrogate pair is not text.
        int end = Math.min(value.length(), MAX_SHOWN);
        if (end < value.length() && Character.isHighSurrogate(value.charAt(end - 1))) {
            end--;
        }
        StringBuilder text = new StringBuilder(end + 1);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            text.append(Character.isISOControl(c) ? ' ' : c);
        }
        return end < value.length() ? text.append('…').toString() : text.toString();
    }
}
