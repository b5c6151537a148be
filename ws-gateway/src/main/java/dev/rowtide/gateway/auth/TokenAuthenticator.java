package dev.rowtide.gateway.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A fixed list of tokens. They are looked up by their SHA-256: how long a comparison takes then says something about hashes, from which
 * nobody can work back to a token.
 */
final class TokenAuthenticator implements Authenticator {
    private final Map<ByteBuffer, Identity> identities = new HashMap<>();

    TokenAuthenticator(List<AuthConfig.Token> tokens) {
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException(
                    "auth.mode is tokens, but auth.tokens is empty, so nobody could connect: add one, or set auth.mode to none");
        }
        for (AuthConfig.Token token : tokens) {
            Identity identity = token.identity();
            if (token.token().isBlank()) {
                throw new IllegalArgumentException("the token of " + identity.userId() + " in auth.tokens is empty");
            }
            Identity other = identities.put(hash(token.token()), identity);
            if (other != null) {
                throw new IllegalArgumentException("auth.tokens has the same token twice, for " + other.userId()
                        + " and for " + identity.userId());
            }
        }
    }

    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public CompletionStage<Outcome> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(decide(credentials.token()));
    }

    private Outcome decide(@Nullable String token) {
        if (token == null) {
            return new Outcome.Refused(
                    401,
                    "a token is needed: Authorization: Bearer T, ?token=T, or the WebSocket subprotocols rowtide, bearer.T");
        }
        Identity identity = identities.get(hash(token));
        return identity == null ? new Outcome.Refused(401, "this token is not known") : new Outcome.Accepted(identity);
    }

    private static ByteBuffer hash(String token) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
