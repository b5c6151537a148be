package dev.rowtide.gateway.auth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** How deep metadata may nest: enough for people, too little for a stack overflow. */
    private static final int MAX_METADATA_DEPTH = 16;

    /** @throws IllegalArgumentException if the user id is empty or too long, or the metadata is not plain JSON values */
    public Identity {
        if (userId.isEmpty() || userId.length() > MAX_USER_ID) {
            throw new IllegalArgumentException(
                    "a user id has 1 to " + MAX_USER_ID + " characters, this one has " + userId.length());
        }
        roles = Set.copyOf(roles);
        metadata = copyOf(metadata, MAX_METADATA_DEPTH);
    }

    /** A user with nothing but an id. */
    public static Identity ofUser(String userId) {
        return new Identity(userId, null, Set.of(), Map.of(), false, 0);
    }

    // Copied whole and checked here, so that a bean that an authenticator put in by mistake is an error at once, and
    // not a leak of its properties later.
    private static @Nullable Object copyOf(@Nullable Object value, int depth) {
        if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        if (depth == 0) {
            throw new IllegalArgumentException(
                    "the metadata of a user is nested deeper than " + MAX_METADATA_DEPTH + " levels");
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list.size());
            for (Object element : list) {
                copy.add(copyOf(element, depth - 1));
            }
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof Map<?, ?> map) {
            return copyOf(map, depth - 1);
        }
        throw new IllegalArgumentException(
                "the metadata of a user is made of String, Number, Boolean, List, Map and null, not of "
                        + value.getClass().getName());
    }

    private static Map<String, @Nullable Object> copyOf(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (!(key instanceof String)) {
                throw new IllegalArgumentException("the keys in the metadata of a user are strings, not " + key);
            }
            copy.put((String) key, copyOf(value, depth));
        });
        return Collections.unmodifiableMap(copy);
    }
}
