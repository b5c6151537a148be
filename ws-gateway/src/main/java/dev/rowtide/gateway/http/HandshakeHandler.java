package dev.rowtide.gateway.http;

import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.Authenticator;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Identity;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that is decided before a WebSocket is accepted. Handles upgrades on the configured path alone; anything else is left to the next handler in
 * the list ({@link RestHandlers}).
 *
 * <p>A client that is refused gets an HTTP status and never a WebSocket that is closed again: after that, clients reconnect for ever.
 *
 * <p>While an authenticator is thinking no thread waits, and nothing is read from the connection: what the client has sent behind its request stays in
 * Jetty's buffer, which goes to the WebSocket with the upgrade, or in the kernel's. The wrapped handler is then called on a thread of the
 * server, exactly as if it had been called at once.
 */
public final class HandshakeHandler extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    /** The request attribute that holds the {@link Identity} when the wrapped handler is called. */
    public static final String IDENTITY = "dev.rowtide.gateway.identity";

    /** How many clients may wait for an authenticator at once; one more gets a 503 instead of a place in a queue that only grows. */
    private static final int MAX_PENDING = 10_000;

    /** A last word on a client that is authenticated: connection limits, draining. Called on any thread, must not block. */
    public interface Admission {
        /** Null lets it in; 429 and 503 are the usual refusals. */
        @Nullable
        Refused refuse(Identity identity);
    }

    private final String path;
    private final RequestGuard guard;
    private final ClientAuthentication authentication;
    private final Admission admission;
    private final int maxPending;
    private final AtomicInteger pending = new AtomicInteger();

    /**
     * @param authenticator started; closed by who started it
     * @param upgrade what makes a WebSocket of an accepted request
     */
    public HandshakeHandler(GatewayConfig config, Authenticator authenticator, Admission admission, Handler upgrade) {
        this(config, authenticator, admission, upgrade, InstantSource.system(), MAX_PENDING);
    }

    HandshakeHandler(
            GatewayConfig config,
            Authenticator authenticator,
            Admission admission,
            Handler upgrade,
            InstantSource clock,
            int maxPending) {
        super(upgrade);
        this.path = config.path();
        this.guard = new RequestGuard(config.auth());
        this.authentication = new ClientAuthentication(authenticator, clock);
        this.admission = admission;
        this.maxPending = maxPending;
    }

    @Override
    public InvocationType getInvocationType() {
        // Authenticators are other people's code; they shall not hold up a selector.
        return InvocationType.BLOCKING;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!isUpgrade(request) || !path.equals(Request.getPathInContext(request))) {
            return false;
        }
        Reply reply = new Reply(response, callback);
        Refusal refusal = guard.refuse(request);
        if (refusal != null) {
            refuse(reply, response, refusal);
            return true;
        }
        if (pending.incrementAndGet() > maxPending) {
            pending.decrementAndGet();
            refuse(
                    reply,
                    response,
                    new Refusal(503, "unavailable", "too many clients are connecting at once, try again later"));
            return true;
        }
        authentication.decide(
                request,
                identity -> {
                    pending.decrementAndGet();
                    accept(identity, request, response, callback);
                },
                refused -> {
                    pending.decrementAndGet();
                    refuse(reply, response, refused);
                });
        return true;
    }

    private void accept(Identity identity, Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        try {
            Refused full = admission.refuse(identity);
            if (full != null) {
                refuse(reply, response, Refusal.of(full));
                return;
            }
            request.setAttribute(IDENTITY, identity);
            if (!super.handle(request, response, callback)) {
                refuse(
                        reply,
                        response,
                        new Refusal(
                                400,
                                "bad_message",
                                "this is not a WebSocket handshake of RFC 6455, version 13, over HTTP/1.1"));
            }
        } catch (Exception e) {
            LOG.error("a WebSocket upgrade failed", e);
            if (response.isCommitted()) {
                callback.failed(e);
            } else {
                refuse(reply, response, Refusal.internal());
            }
        }
    }

    // The client may have sent frames already, which nobody shall take for a further request.
    private static void refuse(Reply reply, Response response, Refusal refusal) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        reply.refuse(refusal);
    }

    private static boolean isUpgrade(Request request) {
        return HttpMethod.GET.is(request.getMethod()) && request.getHeaders().contains(HttpHeader.UPGRADE, "websocket");
    }
}
