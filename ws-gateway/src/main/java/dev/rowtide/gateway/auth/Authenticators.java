package dev.rowtide.gateway.auth;

/** The {@link Authenticator} that the configuration asks for. */
public final class Authenticators {
    private Authenticators() {}

    /**
     * Finds and starts it.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote the configuration
     */
    public static Authenticator of(AuthConfig config) {
        throw new UnsupportedOperationException();
    }
}
