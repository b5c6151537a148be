package dev.rowtide.gateway.http;

import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.AuthConfig.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages from elsewhere out. Immutable, thread-safe.
 *
 * <p>A browser says in {@code Origin} which page is asking, and lets no page lie; who sends none is not a page. Without authentication that is not
 * enough: a page can point its own name at 127.0.0.1 (DNS rebinding), and then its origin and our {@code Host} are the same. So there the {@code Host} has to
 * be a name that cannot be pointed anywhere, or one that the configuration lists.
 */
final class RequestGuard {
    private static final int SHOWN = 100;

    private final boolean open;
    private final boolean allowRemote;
    private final boolean anyOrigin;
    private final Set<String> origins;
    private final Set<HostName> hosts;

    RequestGuard(AuthConfig config) {
        this.open = config.mode() == Mode.NONE;
        this.allowRemote = config.allowRemote();
        this.anyOrigin = config.allowedOrigins().contains("*");
        this.origins =
                config.allowedOrigins().stream().map(RequestGuard::normal).collect(Collectors.toUnmodifiableSet());
        this.hosts = config.allowedHosts().stream()
                .map(HostName::of)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Null if the request may come in. */
    @Nullable
    Refusal refuse(Request request) {
        List<String> values = request.getHeaders().getValuesList(HttpHeader.HOST);
        HostName host = values.size() == 1 ? HostName.of(values.get(0)) : null;
        if (open && (host == null || !trusted(host))) {
            return new Refusal(
                    403,
                    "forbidden",
                    "the Host header is " + shown(values)
                            + ", which is not known to mean this machine; with auth.mode none, other names have to be listed in auth.allowed-hosts");
        }
        List<String> origin = request.getHeaders().getValuesList(HttpHeader.ORIGIN);
        if (origin.isEmpty() || (origin.size() == 1 && (listed(origin.get(0)) || near(origin.get(0), host)))) {
            return null;
        }
        return new Refusal(
                403,
                "forbidden",
                "a page of the origin " + shown(origin)
                        + " may not use this server; if it should, list the origin in auth.allowed-origins");
    }

    /** The origin whose pages may read the answer though they come from elsewhere, null for all others (no CORS). */
    @Nullable
    String sharedWith(Request request) {
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        return origin != null && listed(origin) ? origin : null;
    }

    private boolean trusted(HostName host) {
        // An address cannot be rebound, but only who lets other machines in is ever addressed by one that is not
        // loopback.
        return host.isLoopback() || hosts.contains(host) || (allowRemote && host.isAddress());
    }

    private boolean listed(String origin) {
        return anyOrigin || origins.contains(normal(origin));
    }

    // The page comes from the host that was asked, on whatever port, or (without authentication) from a server on the
    // visitor's own machine.
    private boolean near(String origin, @Nullable HostName host) {
        String normal = normal(origin);
        if (!normal.startsWith("http://") && !normal.startsWith("https://")) {
            return false;
        }
        HostName page = HostName.of(normal.substring(normal.indexOf("://") + 3));
        return page != null && (page.equals(host) || (open && page.isLoopback()));
    }

    private static String normal(String origin) {
        String lower = origin.strip().toLowerCase(Locale.ROOT);
        if (lower.endsWith("/")) {
            lower = lower.substring(0, lower.length() - 1);
        }
        if (lower.startsWith("http://") && lower.endsWith(":80")) {
            return lower.substring(0, lower.length() - 3);
        }
        if (lower.startsWith("https://") && lower.endsWith(":443")) {
            return lower.substring(0, lower.length() - 4);
        }
        return lower;
    }

    private static String shown(List<String> values) {
        String text = values.isEmpty() ? "missing" : String.join(", ", values);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
