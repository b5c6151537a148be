package dev.rowtide.gateway.http;

import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.Authenticator;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Identity;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is decided before a WebSocket is accepted. Handles upgrades on the configured path alone; anything else is left to the next handler in
 * the list ({@link RestHandlers}).
 */
public final class HandshakeHandler extends Handler.Wrapper {
    /** The request attribute that holds the {@link Identity} when the wrapped handler is called. */
    public static final String IDENTITY = "dev.rowtide.gateway.identity";

    /** A last word on a client that is authenticated: connection limits, draining. Called on any thread, must not block. */
    public interface Admission {
        /** Null lets it in; 429 and 503 are the usual refusals. */
        @Nullable
        Refused refuse(Identity identity);
    }

    /**
     * @param authenticator started; closed by who started it
     * @param upgrade what makes a WebSocket of an accepted request
     */
    public HandshakeHandler(GatewayConfig config, Authenticator authenticator, Admission admission, Handler upgrade) {
        super(upgrade);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        throw new UnsupportedOperationException();
    }
}
