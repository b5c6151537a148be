package dev.rowtide.gateway;

import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.http.HandshakeHandler;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections there are, and whether one more may come. Thread-safe.
 *
 * <p>A connection is counted when its WebSocket opens and not when it is let in, because a handshake may still fail without a word. So handshakes that
 * are under way together can pass a limit by a few; the limits protect memory and need not be exact.
 */
final class ConnectionCensus implements HandshakeHandler.Admission {
    private final GatewayConfig.Limits limits;
    private final AtomicInteger connections = new AtomicInteger();
    private final ConcurrentMap<String, Integer> byUser = new ConcurrentHashMap<>();
    private volatile boolean draining;

    ConnectionCensus(GatewayConfig.Limits limits) {
        this.limits = limits;
    }

    @Override
    public @Nullable Refused refuse(Identity identity) {
        if (draining) {
            return new Refused(503, "the server is stopping, try again in a few seconds");
        }
        if (connections.get() >= limits.maxConnections()) {
            return new Refused(
                    503, "the server has its " + limits.maxConnections() + " connections already, try again later");
        }
        if (byUser.getOrDefault(identity.userId(), 0) >= limits.maxConnectionsPerUser()) {
            return new Refused(
                    429,
                    "this user has its " + limits.maxConnectionsPerUser() + " connections already, close one of them");
        }
        return null;
    }

    void opened(String userId) {
        connections.incrementAndGet();
        byUser.merge(userId, 1, Integer::sum);
    }

    void closed(String userId) {
        connections.decrementAndGet();
        byUser.computeIfPresent(userId, (user, count) -> count == 1 ? null : count - 1);
    }

    /** Nobody comes in any more. */
    void drain() {
        draining = true;
    }

    int connections() {
        return connections.get();
    }

    int users() {
        return byUser.size();
    }
}
