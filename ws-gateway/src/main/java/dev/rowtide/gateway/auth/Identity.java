package dev.rowtide.gateway.auth;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection belongs to.
 *
 * @param userId shown to others; one user with three tabs is one user
 * @param name shown to others as {@code metadata.name} if given
 * @param roles matched by channel rules; never shown
 * @param metadata shown to others in presence: plain JSON values (String, Number, Boolean, List, Map, null). What an authenticator does not put here is shown to
 *     nobody
 * @param service whether it may use REST, metrics and console
 * @param expiresAtMillis when the credential ends, in milliseconds since 1970; 0 for never. The connection is then closed with 4010 so that the
 *     client comes back with a new one
 */
public record Identity(
        String userId,
        @Nullable String name,
        Set<String> roles,
        Map<String, ? extends @Nullable Object> metadata,
        boolean service,
        long expiresAtMillis) {

    /** The longest user id, in UTF-16 units. */
    public static final int MAX_USER_ID = 255;

    /** @throws IllegalArgumentException if the user id is empty or too long */
    public Identity {
        if (userId.isEmpty() || userId.length() > MAX_USER_ID) {
            throw new IllegalArgumentException(
                    "a user id has 1 to " + MAX_USER_ID + " characters, this one has " + userId.length());
        }
        roles = Set.copyOf(roles);
    }

    /** A user with nothing but an id. */
    public static Identity ofUser(String userId) {
        return new Identity(userId, null, Set.of(), Map.of(), false, 0);
    }
}
