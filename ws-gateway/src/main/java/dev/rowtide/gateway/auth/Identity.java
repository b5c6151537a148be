package dev.rowtide.gateway.auth;

import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.UserAttributes;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection belongs to.
 *
 * @param userId shown to others; one user with three tabs is one user
 * @param name shown to others as {@code metadata.name} if given
 * @param roles matched by channel rules and by the rules of who may read which rows; never shown
 * @param claims what else rules may ask about, as {@code $user.<claim>}: plain JSON values, as {@code metadata}; never shown
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
        Map<String, ? extends @Nullable Object> claims,
        Map<String, ? extends @Nullable Object> metadata,
        boolean service,
        long expiresAtMillis) {

    /** The longest user id, in UTF-16 units. */
    public static final int MAX_USER_ID = 255;

    /** How deep metadata may nest: enough for people, too little for a stack overflow. */
    private static final int MAX_METADATA_DEPTH = 16;

    /** @throws IllegalArgumentException if the user id is empty or too long, or the claims or the metadata are not plain JSON values */
    public Identity {
        if (userId.isEmpty() || userId.length() > MAX_USER_ID) {
            throw new IllegalArgumentException(
                    "a user id has 1 to " + MAX_USER_ID + " characters, this one has " + userId.length());
        }
        roles = Set.copyOf(roles);
        claims = copyOf(claims, MAX_METADATA_DEPTH);
        metadata = copyOf(metadata, MAX_METADATA_DEPTH);
    }

    /** A user without claims. */
    public Identity(
            String userId,
            @Nullable String name,
            Set<String> roles,
            Map<String, ? extends @Nullable Object> metadata,
            boolean service,
            long expiresAtMillis) {
        this(userId, name, roles, Map.of(), metadata, service, expiresAtMillis);
    }

    /** A user with nothing but an id. */
    public static Identity ofUser(String userId) {
        return new Identity(userId, null, Set.of(), Map.of(), false, 0);
    }

    /** What a policy can ask about this user: {@code id}, {@code roles}, and each claim that is a text, a number, true or false, or a list of these. Others it does not have. */
    public UserAttributes attributes() {
        Map<String, FilterValue.Literal> single = new HashMap<>();
        Map<String, List<FilterValue.Literal>> lists = new HashMap<>();
        claims.forEach((claim, value) -> {
            literal(value).ifPresent(literal -> single.put(claim, literal));
            if (value instanceof List<?> list) {
                lists.put(claim, literals(list));
            }
        });
        // Last: no claim stands for who somebody is.
        lists.remove("id");
        single.remove("roles");
        single.remove("id");
        literal(userId).ifPresent(literal -> single.put("id", literal));
        lists.put("roles", literals(roles));
        return new UserAttributes(single, lists);
    }

    private static List<FilterValue.Literal> literals(Collection<?> values) {
        return values.stream().flatMap(value -> literal(value).stream()).toList();
    }

    private static Optional<FilterValue.Literal> literal(@Nullable Object value) {
        try {
            if (value instanceof String text) {
                return Optional.of(new FilterValue.Text(text));
            } else if (value instanceof Number number) {
                return Optional.of(new FilterValue.Number(new BigDecimal(number.toString())));
            } else if (value instanceof Boolean bool) {
                return Optional.of(new FilterValue.Bool(bool));
            }
        } catch (IllegalArgumentException e) {
            // NaN, or beyond what a filter can hold: nothing in a database equals it.
            return Optional.empty();
        }
        return Optional.empty();
    }

    // Copied whole and checked here, so that a bean that an authenticator put in by mistake is an error at once, and
    // not a leak of its properties later.
    private static @Nullable Object copyOf(@Nullable Object value, int depth) {
        if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        if (depth == 0) {
            throw new IllegalArgumentException(
                    "the claims and the metadata of a user nest at most " + MAX_METADATA_DEPTH + " levels deep");
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
                "the claims and the metadata of a user are made of String, Number, Boolean, List, Map and null, not of "
                        + value.getClass().getName());
    }

    private static Map<String, @Nullable Object> copyOf(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (!(key instanceof String)) {
                throw new IllegalArgumentException(
                        "the keys in the claims and the metadata of a user are strings, not " + key);
            }
            copy.put((String) key, copyOf(value, depth));
        });
        return Collections.unmodifiableMap(copy);
    }
}
