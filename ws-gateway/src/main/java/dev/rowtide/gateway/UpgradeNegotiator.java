package dev.rowtide.gateway;

import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.http.HandshakeHandler;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a WebSocket of a request that {@link HandshakeHandler} has let in. What is kept of the request is the identity alone: a reference to the request would
 * keep its parser, headers and connection in memory as long as the WebSocket is open, twice as much as the rest together.
 */
final class UpgradeNegotiator implements WebSocketNegotiator {
    /** What a client names that puts its token beside it: {@code rowtide, bearer.T}. */
    private static final String SUBPROTOCOL = "rowtide";

    private static final int INPUT_BUFFER_BYTES = 4 * 1024;

    private final Function<Identity, FrameHandler> endpoints;

    UpgradeNegotiator(Function<Identity, FrameHandler> endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public @Nullable FrameHandler negotiate(
            ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
        if (!(request.getAttribute(HandshakeHandler.IDENTITY) instanceof Identity identity)) {
            throw new IllegalStateException("an upgrade came past the handshake handler");
        }
        if (request.hasSubProtocol(SUBPROTOCOL)) {
            // The token's own is never answered: answers are logged in more places than requests.
            response.setAcceptedSubProtocol(SUBPROTOCOL);
        }
        // No permessage-deflate: it would compress the same change for every peer anew, and hold 256 KB for each.
        response.setExtensions(List.of());
        return endpoints.apply(identity);
    }

    @Override
    public void customize(Configuration configuration) {
        // Liveness is ours. Jetty's would end a subscriber of a quiet channel after 30 s.
        configuration.setIdleTimeout(Duration.ZERO);
        // These two together: frames go out whole at any size, and come in as pieces of what has been read. A maximal
        // frame size would hold for both directions; without
        // automatic fragmentation Jetty would set aside whatever length a client announces.
        configuration.setMaxFrameSize(0);
        configuration.setAutoFragment(true);
        configuration.setInputBufferSize(INPUT_BUFFER_BYTES);
        configuration.setOutputBufferSize(FrameApiWriter.OUTPUT_BUFFER_BYTES);
    }
}
