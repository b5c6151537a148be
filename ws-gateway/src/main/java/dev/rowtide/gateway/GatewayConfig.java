package dev.rowtide.gateway;

import dev.rowtide.gateway.auth.AuthConfig;
import java.time.Duration;
import java.util.List;

/**
 * What of the gateway can be configured. Ranges are checked where the configuration is read; here are the meanings and defaults.
 *
 * @param host address to listen on
 * @param port TCP port; 0 takes a free one
 * @param path the WebSocket's path; the REST API lies below it
 * @param heartbeatInterval how often the server sends a PING; a peer from which nothing arrived for this and 8 s more is closed
 * @param auth who may connect and what they may do
 * @param presence who is online, as subscribers see it
 * @param limits what one client may cost
 */
public record GatewayConfig(
        String host,
        int port,
        String path,
        Duration heartbeatInterval,
        AuthConfig auth,
        Presence presence,
        Limits limits) {

    /** Everything as it is without a configuration. */
    public static final GatewayConfig DEFAULT = new GatewayConfig(
            "127.0.0.1", 3001, "/realtime", Duration.ofSeconds(25), AuthConfig.NONE, Presence.DEFAULT, Limits.DEFAULT);

    /**
     * Presence.
     *
     * @param enabled off: no presence messages, {@code onlineUsers} is left out ({@code broadcast-presence: false})
     * @param leaveGrace how long a user stays online after an unclean end of the last connection, so that a page reload is no leave and
     *     join
     * @param maxListedUsers how many users {@code onlineUsers} lists at most; {@code onlineCount} is always exact
     */
    public record Presence(boolean enabled, Duration leaveGrace, int maxListedUsers) {
        public static final Presence DEFAULT = new Presence(true, Duration.ofSeconds(3), 100);
    }

    /**
     * What one client may cost.
     *
     * @param maxMessageBytes longest message from a client, in bytes
     * @param maxOutboxBytes how many bytes may wait for one peer; over it the connection is closed with 4008
     * @param maxChannelsPerConnection how many channels one connection may be subscribed to
     * @param maxConnections how many connections the gateway takes at all
     * @param maxConnectionsPerUser how many of them may belong to one user
     * @param messagesPerSecond how many messages a client may send in the long run
     * @param messageBurst how many it may send at once
     * @param maxMetadataBytes largest presence metadata, as JSON
     */
    public record Limits(
            int maxMessageBytes,
            long maxOutboxBytes,
            int maxChannelsPerConnection,
            int maxConnections,
            int maxConnectionsPerUser,
            int messagesPerSecond,
            int messageBurst,
            int maxMetadataBytes) {
        public static final Limits DEFAULT =
                new Limits(64 * 1024, 64L * 1024 * 1024, 1_000, 100_000, 1_000, 100, 1_000, 4 * 1024);
    }

    /** The resources that exist, for the rules about channel names. */
    public interface Resources {
        /** The public names, at this moment; asked per message, so it must be cheap. Thread-safe. */
        boolean exists(String resource);

        /** All of them, for people. */
        List<String> names();
    }
}
