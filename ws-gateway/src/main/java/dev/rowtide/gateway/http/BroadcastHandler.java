package dev.rowtide.gateway.http;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.gateway.GatewayConfig;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /realtime/broadcast}: a backend says something on a channel. Never on one that carries changes: what stands there comes from the database
 * alone.
 */
final class BroadcastHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(BroadcastHandler.class);
    private static final int BODY_WITHIN_SECONDS = 10;

    private final GatewayQueries queries;
    private final GatewayConfig.Resources resources;
    private final Supplier<SourceHealth> health;
    private final int maxBytes;

    BroadcastHandler(
            GatewayQueries queries, GatewayConfig.Resources resources, Supplier<SourceHealth> health, int maxBytes) {
        this.queries = queries;
        this.resources = resources;
        this.health = health;
        this.maxBytes = maxBytes;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        if (request.getLength() > maxBytes) {
            reply.refuse(tooLarge());
            return true;
        }
        BodyReader.read(request, maxBytes)
                .orTimeout(BODY_WITHIN_SECONDS, TimeUnit.SECONDS)
                .whenComplete((bytes, failure) -> {
                    if (failure == null) {
                        broadcast(bytes, request, reply);
                    } else {
                        reply.refuse(refusalOf(failure));
                    }
                });
        return true;
    }

    private void broadcast(byte[] bytes, Request request, Reply reply) {
        BroadcastRequest broadcast;
        try {
            broadcast = BroadcastRequest.parse(bytes);
        } catch (BroadcastRequest.Rejected e) {
            reply.refuse(e.refusal());
            return;
        }
        Channel channel = broadcast.channel();
        Refusal refusal = refuse(channel);
        if (refusal != null) {
            reply.refuse(refusal);
            return;
        }
        QueryAnswer.send(
                request,
                reply,
                () -> queries.broadcast(channel, broadcast.payloadJson(), broadcast.userId()),
                result -> reply.json(200, json -> {
                    json.writeBooleanField("success", true);
                    json.writeStringField("channel", channel.name());
                    json.writeNumberField("clients", result.clients());
                }));
    }

    private @Nullable Refusal refuse(Channel channel) {
        if (channel.isResource() || (channel.hasSuffix() && resources.exists(channel.prefix()))) {
            return new Refusal(
                    403,
                    "forbidden",
                    "the channel " + channel.name()
                            + " carries changes of the database, and nothing else; broadcast on a channel of another name");
        }
        // The gateway listens before the source is ready; until then any name with a colon may turn out to be a
        // record's.
        if (channel.hasSuffix()
                && health.get().state() == SourceHealth.State.STARTING
                && resources.names().isEmpty()) {
            return new Refusal(
                    503,
                    "unavailable",
                    "the database's resources are not known yet, so " + channel.name()
                            + " could be a record's channel; try again");
        }
        return null;
    }

    private Refusal refusalOf(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return new Refusal(408, "bad_message", "the body did not arrive within " + BODY_WITHIN_SECONDS + " s");
        }
        if (failure instanceof BodyReader.TooLong) {
            return tooLarge();
        }
        LOG.debug("a body could not be read", failure);
        return new Refusal(400, "bad_message", "the body could not be read");
    }

    private Refusal tooLarge() {
        return new Refusal(413, "too_large", "the body has at most " + maxBytes + " bytes");
    }
}
