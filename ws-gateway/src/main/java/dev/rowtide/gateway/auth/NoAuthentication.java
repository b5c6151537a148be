package dev.rowtide.gateway.auth;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Everyone is who they say they are, which is why it is for one's own machine. Without a word about it one is a guest. */
final class NoAuthentication implements Authenticator {
    private static final int GUEST_BYTES = 6;

    private final SecureRandom random = new SecureRandom();

    @Override
    public String name() {
        return "none";
    }

    @Override
    public CompletionStage<Outcome> authenticate(Credentials credentials) {
        String userId = credentials.query().getOrDefault("userId", "");
        if (userId.length() > Identity.MAX_USER_ID || userId.chars().anyMatch(Character::isISOControl)) {
            return CompletableFuture.completedFuture(new Outcome.Refused(
                    400, "userId has at most " + Identity.MAX_USER_ID + " characters and no control characters"));
        }
        // A service, because where nobody is asked who they are, REST and metrics are as open as the data itself.
        return CompletableFuture.completedFuture(new Outcome.Accepted(
                new Identity(userId.isEmpty() ? guest() : userId, null, Set.of(), Map.of(), true, 0)));
    }

    private String guest() {
        byte[] bytes = new byte[GUEST_BYTES];
        random.nextBytes(bytes);
        return "guest-" + HexFormat.of().formatHex(bytes);
    }
}
