package dev.rowtide.gateway.http;

import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;

/**
 * Why a request gets an error.
 *
 * @param status the HTTP status
 * @param code the protocol's code where it has one
 * @param message a sentence: what, which value, what to do
 */
record Refusal(int status, String code, String message) {

    static Refusal of(Refused refused) {
        String code = switch (refused.status()) {
            case 400 -> "bad_message";
            case 401 -> "unauthorized";
            case 403 -> "forbidden";
            case 429 -> "rate_limited";
            default -> "unavailable";
        };
        return new Refusal(refused.status(), code, refused.message());
    }

    static Refusal internal() {
        return new Refusal(500, "internal", "the server failed at this request; its log says how");
    }
}
