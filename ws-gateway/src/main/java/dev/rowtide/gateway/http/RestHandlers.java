package dev.rowtide.gateway.http;

import dev.rowtide.feed.SourceHealth;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.Authenticator;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;

/** The REST API as one handler: the last in the gateway's list, because it answers every request, unknown paths with 404. */
public final class RestHandlers {
    private RestHandlers() {}

    /**
     * @param authenticator started; closed by who started it
     * @param health asked per request, must not block
     * @param metrics the text for Prometheus, asked per request
     */
    public static Handler of(
            GatewayConfig config,
            Authenticator authenticator,
            GatewayQueries queries,
            GatewayConfig.Resources resources,
            Supplier<SourceHealth> health,
            Supplier<String> metrics) {
        throw new UnsupportedOperationException();
    }
}
