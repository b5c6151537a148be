package dev.rowtide.gateway.auth;

import dev.rowtide.feed.Channel;
import java.util.List;

/** What users may do on channels, from {@link AuthConfig#rules}. Immutable, thread-safe, cheap enough to ask per message. */
public final class Permissions {
    public Permissions(List<AuthConfig.ChannelRule> rules) {}

    /** Whether the first rule that matches the channel and one of the user's roles allows it; without rules everything is allowed. */
    public boolean allows(Identity identity, Channel channel, AuthConfig.Action action) {
        throw new UnsupportedOperationException();
    }
}
