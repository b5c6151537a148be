package dev.rowtide.gateway.auth;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a client is. Found by {@link java.util.ServiceLoader}, so that custom authentication is a jar on the class path: implement this with a
 * public no-argument constructor and name the class in {@code META-INF/services/dev.rowtide.gateway.auth.Authenticator}.
 */
public interface Authenticator extends AutoCloseable {

    /** The name by which the configuration selects it. */
    String name();

    /**
     * Called once before the first client.
     *
     * @param options the configuration's {@code auth.options}
     * @throws IllegalArgumentException with a sentence for the person who wrote the configuration; the process does not start then
     */
    default void start(Map<String, String> options) {}

    /**
     * Decides about one client, before the WebSocket is accepted.
     *
     * <p>Called on a network thread: answer quickly or asynchronously, never block. A stage that ends exceptionally, or not within ten
     * seconds, is answered with 503 and logged.
     */
    CompletionStage<Outcome> authenticate(Credentials credentials);

    @Override
    default void close() {}

    /**
     * What a client brought.
     *
     * @param token from {@code Authorization: Bearer}, {@code ?token=} or the subprotocol pair; null if none
     * @param query the query parameters, the first value of each
     * @param headers header names in lower case, all values
     * @param remoteAddress the peer's address, without port
     */
    record Credentials(
            @Nullable String token,
            Map<String, String> query,
            Map<String, List<String>> headers,
            String remoteAddress) {
        @Override
        public String toString() {
            return "Credentials from " + remoteAddress;
        }
    }

    /** The answer. */
    sealed interface Outcome {
        /** It is {@code identity}. */
        record Accepted(Identity identity) implements Outcome {}

        /**
         * It is refused.
         *
         * @param status 400 (the request is wrong), 401 (bad credentials), 403 (known but not welcome), 429 or 503
         * @param message shown to the client
         */
        record Refused(int status, String message) implements Outcome {
            /** @throws IllegalArgumentException for any other status: 200 would look like success, 500 like a bug of ours */
            public Refused {
                if (status != 400 && status != 401 && status != 403 && status != 429 && status != 503) {
                    throw new IllegalArgumentException(
                            "a client is refused with 400, 401, 403, 429 or 503, not with " + status);
                }
            }
        }
    }
}
