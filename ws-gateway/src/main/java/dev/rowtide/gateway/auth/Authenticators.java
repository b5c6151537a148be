package dev.rowtide.gateway.auth;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The {@link Authenticator} that the configuration asks for. */
public final class Authenticators {
    /** How long a client waits for somebody else's authenticator before it is told to try again later. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private Authenticators() {}

    /**
     * Finds and starts it.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote the configuration
     */
    public static Authenticator of(AuthConfig config) {
        return switch (config.mode()) {
            case NONE -> new NoAuthentication();
            case TOKENS -> new TokenAuthenticator(config.tokens());
            case CUSTOM -> {
                Authenticator custom = choose(found(), config.authenticator());
                start(custom, config);
                yield new BoundedAuthenticator(custom, ANSWER_WITHIN);
            }
        };
    }

    private static List<Authenticator> found() {
        List<Authenticator> found = new ArrayList<>();
        try {
            ServiceLoader.load(Authenticator.class).forEach(found::add);
        } catch (ServiceConfigurationError broken) {
            throw new IllegalArgumentException(
                    "an authenticator on the class path cannot be loaded: " + broken.getMessage(), broken);
        }
        return found;
    }

    static Authenticator choose(List<Authenticator> found, @Nullable String wanted) {
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "auth.mode is custom, but there is no authenticator on the class path: add the jar that has it; it names its class in META-INF/services/"
                            + Authenticator.class.getName());
        }
        String names = String.join(
                ", ", found.stream().map(Authenticator::name).sorted().toList());
        if (wanted == null) {
            if (found.size() > 1) {
                throw new IllegalArgumentException("auth.mode is custom, and there are " + found.size()
                        + " authenticators on the class path: set auth.authenticator to one of " + names);
            }
            return found.get(0);
        }
        List<Authenticator> named = found.stream()
                .filter(authenticator -> authenticator.name().equals(wanted))
                .toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException("auth.authenticator is " + wanted
                    + ", but there is none of that name on the class path; there is " + names);
        }
        if (named.size() > 1) {
            throw new IllegalArgumentException("auth.authenticator is " + wanted + ", and " + named.size()
                    + " classes on the class path call themselves so: "
                    + String.join(
                            ", ",
                            named.stream().map(a -> a.getClass().getName()).toList()));
        }
        return named.get(0);
    }

    private static void start(Authenticator authenticator, AuthConfig config) {
        try {
            authenticator.start(config.options());
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("the authenticator " + authenticator.name() + " did not start: " + e, e);
        }
    }
}
