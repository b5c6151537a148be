package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.gateway.auth.AuthConfig.Action;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.Permissions;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.Problem;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What may be done on which channel: what the channel's kind allows, then what the user's roles allow. Immutable and thread-safe.
 *
 * <p>The gateway listens before the source is ready, so that a restart strands no client. As long as the resources are not known a subscription to any is taken (its
 * client would not ask again), and what could be a broadcast into one is put off.
 */
final class ChannelRules {
    private static final long RESOURCES_UNKNOWN_RETRY_MILLIS = 1_000;

    private final GatewayConfig.Resources resources;
    private final BooleanSupplier resourcesKnown;
    private final Permissions permissions;

    ChannelRules(GatewayConfig.Resources resources, BooleanSupplier resourcesKnown, Permissions permissions) {
        this.resources = resources;
        this.resourcesKnown = resourcesKnown;
        this.permissions = permissions;
    }

    /** Why it may not subscribe; null if it may. */
    @Nullable
    Problem subscribe(Identity identity, Channel channel) {
        // Permission first: who may not see a channel does not learn whether it exists.
        if (!permissions.allows(identity, channel, Action.SUBSCRIBE)) {
            return forbidden("subscribe to", channel);
        }
        if (channel.isResource() && !resources.exists(channel.suffix()) && resourcesKnown.getAsBoolean()) {
            return new Problem(
                    ErrorCode.BAD_CHANNEL,
                    "there is no resource '" + Problem.shown(channel.suffix())
                            + "'; a resource is a table of the database that the bridge watches, see its configuration");
        }
        return null;
    }

    /** Why it may not broadcast; null if it may. */
    @Nullable
    Problem broadcast(Identity identity, Channel channel) {
        if (!permissions.allows(identity, channel, Action.BROADCAST)) {
            return forbidden("broadcast to", channel);
        }
        if (isRowChannel(channel)) {
            return new Problem(
                    ErrorCode.FORBIDDEN,
                    "'" + Problem.shown(channel.name())
                            + "' carries row changes and nobody can broadcast into it; take a name that is no resource's");
        }
        if (channel.hasSuffix() && !resourcesKnown.getAsBoolean()) {
            return new Problem(
                    ErrorCode.UNAVAILABLE,
                    "the database's resources are not known yet, so '" + Problem.shown(channel.name())
                            + "' could be a record's channel; try again",
                    RESOURCES_UNKNOWN_RETRY_MILLIS);
        }
        return null;
    }

    /** Whether it may be seen on the channel, and see who is online. */
    boolean presence(Identity identity, Channel channel) {
        return permissions.allows(identity, channel, Action.PRESENCE);
    }

    /** Whether row changes come on this channel. */
    boolean isRowChannel(Channel channel) {
        return channel.isResource() || (channel.hasSuffix() && resources.exists(channel.prefix()));
    }

    /** The same, also true as long as the resources are not known and it could be. */
    boolean mayCarryRows(Channel channel) {
        return isRowChannel(channel) || (channel.hasSuffix() && !resourcesKnown.getAsBoolean());
    }

    private static Problem forbidden(String what, Channel channel) {
        return new Problem(
                ErrorCode.FORBIDDEN,
                "you may not " + what + " '" + Problem.shown(channel.name())
                        + "'; the rules in the configuration decide");
    }
}
