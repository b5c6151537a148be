package dev.rowtide.gateway.http;

import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.AuthConfig.Mode;
import dev.rowtide.gateway.auth.Authenticator;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.jspecify.annotations.Nullable;

/**
 * The REST API as one handler: the last in the gateway's list, because it answers every request, unknown paths with 404.
 *
 * <p>From the outside in: is the page allowed to ask ({@link GuardHandler}), is there such a path, does it know the method ({@link
 * MethodHandler}), is the client allowed to ask ({@link ServiceOnlyHandler}), the endpoint. So a preflight needs no credentials, and nobody without them learns more than that
 * a path exists.
 */
public final class RestHandlers {
    private RestHandlers() {}

    /**
     * @param authenticator started; closed by who started it
     * @param source asked per request, must not block
     * @param metrics the text for Prometheus, asked per request
     * @param files what else there is, for everybody
     */
    public static Handler of(
            GatewayConfig config,
            Authenticator authenticator,
            GatewayQueries queries,
            GatewayConfig.Resources resources,
            Supplier<SourceStatus> source,
            Supplier<String> metrics,
            List<StaticFile> files) {
        Supplier<SourceHealth> health = () -> source.get().health();
        ClientAuthentication authentication = new ClientAuthentication(authenticator, InstantSource.system());
        boolean open = config.auth().mode() == Mode.NONE;
        String path = config.path().equals("/") ? "" : config.path();
        Routes routes = new Routes(open ? null : authentication);

        routes.service("GET", path + "/stats", new StatsHandler(queries, resources, source));
        routes.service("GET", path + "/channel/users", new ChannelUsersHandler(queries));
        routes.service(
                "POST",
                path + "/broadcast",
                new BroadcastHandler(queries, resources, health, config.limits().maxMessageBytes()));
        routes.service("GET", path + "/explain", new ExplainHandler(queries));
        routes.service("GET", path + "/types.ts", new TypesHandler(resources));
        routes.service("GET", "/metrics", new MetricsHandler(metrics));
        routes.open("GET", "/health/live", new LiveHandler());
        routes.open("GET", "/health/ready", new ReadyHandler(health));
        if (!path.isEmpty()) {
            routes.open("GET", path, new UpgradeRequiredHandler());
        }
        files.forEach(file -> routes.open("GET", file.path(), new StaticFileHandler(file)));
        return new GuardHandler(
                new RequestGuard(config.auth()), new Handler.Sequence(routes.paths, new NotFoundHandler()));
    }

    private static final class Routes {
        private final PathMappingsHandler paths = new PathMappingsHandler();
        private final @Nullable ClientAuthentication authentication;

        Routes(@Nullable ClientAuthentication authentication) {
            this.authentication = authentication;
        }

        void open(String method, String path, Handler endpoint) {
            // To Jetty "/" means everything that nothing else is for; "" is the root alone.
            paths.addMapping(PathSpec.from(path.equals("/") ? "" : path), new MethodHandler(method, endpoint));
        }

        void service(String method, String path, Handler endpoint) {
            open(method, path, authentication == null ? endpoint : new ServiceOnlyHandler(authentication, endpoint));
        }
    }
}
