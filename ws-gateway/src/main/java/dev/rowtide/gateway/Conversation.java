package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Accepted;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.presence.ChannelPresence.End;
import dev.rowtide.gateway.presence.PresenceMetadata;
import dev.rowtide.gateway.protocol.ClientMessage;
import dev.rowtide.gateway.protocol.ErrorCode;
import dev.rowtide.gateway.protocol.MalformedMessageException;
import dev.rowtide.gateway.protocol.PresenceMode;
import dev.rowtide.gateway.protocol.Problem;
import dev.rowtide.gateway.view.View;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client asks for, whether it may have it, and the answers. Fan-out thread only.
 *
 * <p>One message at a time: the next is read from the socket when this one has been dealt with, so a client that floods waits for itself.
 */
final class Conversation implements ClientMessage.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    private final Hub hub;
    private final Connection connection;
    private final Function<String, CompletionStage<Outcome>> authenticate;
    private final Runnable readNext;
    private boolean authenticating;

    /**
     * @param authenticate decides about a token; must not block
     * @param readNext makes the next message come
     */
    Conversation(
            Hub hub,
            Connection connection,
            Function<String, CompletionStage<Outcome>> authenticate,
            Runnable readNext) {
        this.hub = hub;
        this.connection = connection;
        this.authenticate = authenticate;
        this.readNext = readNext;
    }

    Connection connection() {
        return connection;
    }

    /** Deals with a message. */
    void receive(ClientMessage message) {
        try {
            if (connection.isOpen()) {
                message.accept(this);
            }
        } catch (RuntimeException e) {
            LOG.error("A client's {} failed", message.getClass().getSimpleName(), e);
            error(
                    new Problem(ErrorCode.INTERNAL, "the server failed at this; its log says why"),
                    message.idJson(),
                    null);
        } finally {
            if (!authenticating) {
                readNext();
            }
        }
    }

    /** Answers a message that is none. */
    void refuse(MalformedMessageException malformed) {
        refuse(malformed.problem(), malformed.idJson(), malformed.channel());
    }

    /** Answers a message that is not looked into. */
    void refuse(Problem problem, @Nullable String idJson, @Nullable String channel) {
        error(problem, idJson, channel);
        readNext();
    }

    @Override
    public void subscribe(ClientMessage.Subscribe message) {
        Channel channel = message.channel();
        Identity identity = connection.identity();
        Subscription existing = connection.subscription(channel.name());
        Problem problem = hub.rules().subscribe(identity, channel);
        if (problem == null && existing == null) {
            problem = oneMoreChannel();
        }
        PresenceMetadata metadata = PresenceMetadata.of(identity);
        if (problem == null && message.metadataJson() != null) {
            problem = tooLarge(message.metadataJson());
            if (problem == null) {
                metadata = metadata.choosing(message.metadataJson());
            }
        }
        View view = View.ALL;
        if (problem == null && hub.rules().mayCarryRows(channel)) {
            try {
                view = hub.rowRules().view(identity, channel, message.filter(), message.columns());
            } catch (InvalidFilterException e) {
                problem = new Problem(ErrorCode.BAD_FILTER, e.sentence());
            }
        } else if (problem == null && message.isAboutRows()) {
            problem = new Problem(
                    ErrorCode.BAD_MESSAGE,
                    "\"since\", \"snapshot\", \"filter\", \"columns\" and \"conflate\" are for channels of row changes, and '"
                            + Problem.shown(channel.name()) + "' is none; leave them out");
        }
        if (problem != null) {
            error(problem, message.idJson(), channel.name());
            return;
        }

        LiveChannel live = hub.open(channel);
        Subscription subscription = existing == null ? new Subscription(connection, live) : existing;
        if (existing == null) {
            connection.add(subscription);
            hub.subscribed(1);
        }
        boolean takesPart = message.presence() != PresenceMode.NONE
                && live.presence() != null
                && hub.rules().presence(identity, channel);
        live.place(
                subscription,
                new Group.Key(
                        view,
                        message.operations(),
                        message.conflateMillis(),
                        takesPart ? message.presence() : PresenceMode.NONE));
        PresenceFeed presence = live.presence();
        if (presence != null) {
            if (takesPart) {
                if (subscription.shown == null || message.metadataJson() != null) {
                    subscription.chosenJson = message.metadataJson();
                    presence.show(subscription, identity, metadata);
                }
            } else {
                presence.hide(subscription, identity, End.CLEAN);
            }
        }

        new Beginning(hub, subscription, message).begin();
        if (presence != null) {
            // Older clients learn who is online from presence_update alone: the joiner gets one even if others see no
            // change.
            boolean toldAnyway = presence.tell();
            if (takesPart && !toldAnyway && message.presence() == PresenceMode.FULL) {
                presence.tellState(subscription, identity);
            }
        }
    }

    @Override
    public void unsubscribe(ClientMessage.Unsubscribe message) {
        Subscription subscription = connection.subscription(message.channel().name());
        if (subscription != null) {
            hub.leave(subscription, End.CLEAN);
        }
        // Answered in any case: what the client wants is so.
        connection.deliver(
                hub.frames(),
                hub.encoder().unsubscribed(hub.frames(), message.channel().name(), message.idJson(), hub.nowMillis()));
    }

    @Override
    public void broadcast(ClientMessage.Broadcast message) {
        Problem problem = hub.rules().broadcast(connection.identity(), message.channel());
        if (problem != null) {
            error(problem, message.idJson(), message.channel().name());
            return;
        }
        hub.broadcast(
                message.channel(),
                message.payloadJson(),
                connection.identity().userId(),
                message.self() ? null : connection);
        acknowledge(message.idJson());
    }

    @Override
    public void presenceUpdate(ClientMessage.PresenceUpdate message) {
        Channel channel = message.channel();
        Subscription subscription = connection.subscription(channel.name());
        Problem problem = null;
        if (subscription == null) {
            problem = new Problem(
                    ErrorCode.NOT_SUBSCRIBED,
                    "presence_update needs a subscription to '" + Problem.shown(channel.name()) + "' first");
        } else if (subscription.channel.presence() == null) {
            problem = new Problem(ErrorCode.UNAVAILABLE, "presence is turned off on this server");
        } else if (subscription.shown == null) {
            problem = new Problem(
                    ErrorCode.FORBIDDEN,
                    "you take no part in presence on '" + Problem.shown(channel.name())
                            + "': subscribe with \"presence\":\"full\" or \"diff\", if the rules in the configuration allow it");
        } else {
            problem = tooLarge(message.metadataJson());
        }
        if (problem != null || subscription == null || subscription.channel.presence() == null) {
            error(problem == null ? internal() : problem, message.idJson(), channel.name());
            return;
        }
        PresenceFeed presence = subscription.channel.presence();
        subscription.chosenJson = message.metadataJson();
        presence.show(
                subscription,
                connection.identity(),
                PresenceMetadata.of(connection.identity()).choosing(message.metadataJson()));
        presence.tell();
        acknowledge(message.idJson());
    }

    @Override
    public void heartbeat(ClientMessage.Heartbeat message) {
        connection.deliver(
                hub.frames(),
                hub.encoder()
                        .heartbeat(
                                hub.frames(),
                                message.idJson(),
                                // What it has not read from the history yet it has not seen.
                                connection.position(),
                                hub.nowMillis()));
    }

    /** Decided elsewhere and answered later; nothing is read meanwhile. */
    @Override
    public void auth(ClientMessage.Auth message) {
        CompletionStage<Outcome> decision = authenticate.apply(message.token());
        authenticating = true;
        decision.whenComplete((outcome, failure) -> hub.post(() -> {
            authenticating = false;
            if (connection.isOpen()) {
                authenticated(message, failure == null ? outcome : null);
            }
            readNext();
        }));
    }

    private void authenticated(ClientMessage.Auth message, @Nullable Outcome outcome) {
        Problem problem = null;
        if (outcome instanceof Accepted accepted) {
            if (accepted.identity().userId().equals(connection.identity().userId())) {
                identify(accepted.identity());
            } else {
                problem = new Problem(
                        ErrorCode.FORBIDDEN,
                        "the token is another user's; a connection stays with the user it began with, open a new one");
            }
        } else if (outcome instanceof Refused refused) {
            ErrorCode code = switch (refused.status()) {
                case 401 -> ErrorCode.UNAUTHORIZED;
                case 429 -> ErrorCode.RATE_LIMITED;
                case 503 -> ErrorCode.UNAVAILABLE;
                default -> ErrorCode.FORBIDDEN;
            };
            problem = new Problem(code, refused.message());
        } else {
            problem = new Problem(ErrorCode.UNAVAILABLE, "the token could not be checked now; try again");
        }
        if (problem == null) {
            acknowledge(message.idJson());
        } else {
            error(problem, message.idJson(), null);
        }
    }

    /** The same user with other rights: what it may no longer have ends, and it is shown as it is now. */
    private void identify(Identity identity) {
        connection.identify(identity);
        for (Subscription subscription : List.copyOf(connection.subscriptions())) {
            Channel channel = subscription.channel.channel();
            Problem problem = hub.rules().subscribe(identity, channel);
            if (problem != null) {
                hub.leave(subscription, End.CLEAN);
                error(problem, null, channel.name());
                continue;
            }
            showAnew(subscription, identity);
            PresenceFeed presence = subscription.channel.presence();
            if (presence != null && subscription.shown != null) {
                if (hub.rules().presence(identity, channel)) {
                    PresenceMetadata metadata = PresenceMetadata.of(identity);
                    presence.show(
                            subscription,
                            identity,
                            subscription.chosenJson == null ? metadata : metadata.choosing(subscription.chosenJson));
                } else {
                    presence.hide(subscription, identity, End.CLEAN);
                }
                presence.tell();
            }
        }
    }

    /** The rows that the user may see are others, perhaps: from now on it gets the changes of those, and is told to read them anew. */
    private void showAnew(Subscription subscription, Identity identity) {
        Group group = subscription.group;
        LiveChannel channel = subscription.channel;
        if (group == null || !hub.rules().mayCarryRows(channel.channel())) {
            return;
        }
        try {
            View view = hub.rowRules().view(identity, channel.channel(), group.view());
            if (!view.equals(group.view())) {
                if (subscription.snapshot != null) {
                    subscription.snapshot.abandon(
                            "what you may see has changed while the rows were being read; subscribe anew");
                    return;
                }
                channel.place(subscription, group.key().withView(view));
                if (subscription.heldBackSince() != null) {
                    connection.catchUp().readFrom(subscription, hub.live().next(), hub.position());
                }
                connection.tellGap(subscription, connection.catchUp().seen(), GapReason.PERMISSIONS_CHANGED);
            }
        } catch (InvalidFilterException e) {
            hub.endSubscription(subscription, new Problem(ErrorCode.BAD_FILTER, e.sentence()));
        }
    }

    private void acknowledge(@Nullable String idJson) {
        if (idJson != null) {
            connection.deliver(hub.frames(), hub.encoder().ack(hub.frames(), idJson, hub.nowMillis()));
        }
    }

    private void error(Problem problem, @Nullable String idJson, @Nullable String channel) {
        if (connection.isOpen()) {
            connection.deliver(
                    hub.frames(), hub.encoder().error(hub.frames(), channel, idJson, problem, hub.nowMillis()));
        }
    }

    private @Nullable Problem oneMoreChannel() {
        int limit = hub.limits().maxChannelsPerConnection();
        return connection.subscriptions().size() < limit
                ? null
                : new Problem(
                        ErrorCode.LIMIT_REACHED,
                        "one connection has at most " + limit
                                + " channels; unsubscribe from one, or subscribe to the resource instead of its records");
    }

    private @Nullable Problem tooLarge(String metadataJson) {
        int limit = hub.limits().maxMetadataBytes();
        int size = metadataJson.getBytes(StandardCharsets.UTF_8).length;
        return size <= limit
                ? null
                : new Problem(
                        ErrorCode.TOO_LARGE,
                        "metadata has at most " + limit + " bytes, this has " + size
                                + "; it goes to everybody on the channel each time somebody comes or goes");
    }

    private static Problem internal() {
        return new Problem(ErrorCode.INTERNAL, "the server failed at this");
    }

    /** Makes the next message come; once for each that came. */
    void readNext() {
        if (!connection.isGone()) {
            readNext.run();
        }
    }
}
