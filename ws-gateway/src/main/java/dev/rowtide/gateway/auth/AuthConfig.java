package dev.rowtide.gateway.auth;

import dev.rowtide.feed.Channel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect and what they may do.
 *
 * @param mode how a client is authenticated
 * @param allowRemote with {@link Mode#NONE}: also listen on addresses that other machines reach. Says so in as many words
 * @param allowedOrigins values of the {@code Origin} header that are accepted beside the gateway's own, for example {@code
 *     https://app.example.com}; {@code *} accepts all
 * @param allowedHosts with {@link Mode#NONE}: host names in the {@code Host} header that are accepted beside the loopback names
 * @param tokens with {@link Mode#TOKENS}: the tokens that exist
 * @param authenticator with {@link Mode#CUSTOM}: the name of the {@link Authenticator} to use, null if only one is on the class path
 * @param options with {@link Mode#CUSTOM}: handed to it as they are
 * @param rules in order; the first whose pattern and role match decides. With none, everyone may do everything that the channel allows
 */
public record AuthConfig(
        Mode mode,
        boolean allowRemote,
        Set<String> allowedOrigins,
        Set<String> allowedHosts,
        List<Token> tokens,
        @Nullable String authenticator,
        Map<String, String> options,
        List<ChannelRule> rules) {

    /** No authentication, loopback only. */
    public static final AuthConfig NONE =
            new AuthConfig(Mode.NONE, false, Set.of(), Set.of(), List.of(), null, Map.of(), List.of());

    /** How a client is authenticated. */
    public enum Mode {
        NONE,
        TOKENS,
        CUSTOM
    }

    /**
     * A static token.
     *
     * @param token the secret, never logged
     * @param identity whom it stands for
     */
    public record Token(String token, Identity identity) {
        @Override
        public String toString() {
            return "Token[" + identity.userId() + "]";
        }
    }

    /**
     * What holders of a role may do on channels.
     *
     * @param channel a pattern: {@code *} stands for any characters, {@code $user.id} for the user's id
     * @param roles any of them matches; empty matches everyone, also without a role
     * @param allow what is allowed; what is not listed is forbidden
     */
    public record ChannelRule(String channel, Set<String> roles, Set<Action> allow) {}

    /** What can be done on a channel. Presence means: to be seen, and to see who is online. */
    public enum Action {
        SUBSCRIBE,
        BROADCAST,
        PRESENCE
    }

    public AuthConfig {
        allowedOrigins = Set.copyOf(allowedOrigins);
        allowedHosts = Set.copyOf(allowedHosts);
        tokens = List.copyOf(tokens);
        options = Map.copyOf(options);
        rules = List.copyOf(rules);
    }

    /** The longest pattern that makes sense. */
    static final int MAX_PATTERN = Channel.MAX_LENGTH;
}
