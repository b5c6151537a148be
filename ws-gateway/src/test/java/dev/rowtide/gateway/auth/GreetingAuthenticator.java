package dev.rowtide.gateway.auth;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Found by {@link java.util.ServiceLoader} in tests: lets in who says the configured word. */
public final class GreetingAuthenticator implements Authenticator {
    private String word = "";

    @Override
    public String name() {
        return "greeting";
    }

    @Override
    public void start(Map<String, String> options) {
        word = options.getOrDefault("word", "");
        if (word.isEmpty()) {
            throw new IllegalArgumentException("auth.options.word is missing");
        }
    }

    @Override
    public CompletionStage<Outcome> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(
                word.equals(credentials.token())
                        ? new Outcome.Accepted(Identity.ofUser("greeter"))
                        : new Outcome.Refused(403, "say the word"));
    }
}
