package dev.rowtide.gateway;

import dev.rowtide.feed.RowShape;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.ReadPolicy;
import dev.rowtide.gateway.history.DiskStore;
import dev.rowtide.gateway.history.HistoryStore;
import dev.rowtide.gateway.history.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What of the gateway can be configured. Ranges are checked where the configuration is read; here are the meanings and defaults.
 *
 * @param host address to listen on
 * @param port TCP port; 0 takes a free one
 * @param path the WebSocket's path; the REST API lies below it
 * @param heartbeatInterval how often the server sends a PING; a peer from which nothing arrived for this and 8 s more is closed
 * @param auth who may connect and what they may do
 * @param policies who may see which rows, by resource; of a resource that is not there everybody who may subscribe sees all
 * @param presence who is online, as subscribers see it
 * @param limits what one client may cost
 * @param history for whom has missed something
 */
public record GatewayConfig(
        String host,
        int port,
        String path,
        Duration heartbeatInterval,
        AuthConfig auth,
        Map<String, ReadPolicy> policies,
        Presence presence,
        Limits limits,
        History history) {

    public GatewayConfig {
        policies = Map.copyOf(policies);
    }

    /** Everything as it is without a configuration. */
    public static final GatewayConfig DEFAULT = new GatewayConfig(
            "127.0.0.1",
            3001,
            "/realtime",
            Duration.ofSeconds(25),
            AuthConfig.NONE,
            Map.of(),
            Presence.DEFAULT,
            Limits.DEFAULT,
            History.DEFAULT);

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
     * @param maxOutboxBytes how many bytes of row changes may wait for one peer; over it the peer reads on from the history, at its own pace
     * @param stalledAfter how long a peer may take nothing at all of what waits for it before it is closed with 4008
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
            Duration stalledAfter,
            int maxChannelsPerConnection,
            int maxConnections,
            int maxConnectionsPerUser,
            int messagesPerSecond,
            int messageBurst,
            int maxMetadataBytes) {
        public static final Limits DEFAULT =
                new Limits(64 * 1024, 1024 * 1024, Duration.ofSeconds(60), 1_000, 100_000, 1_000, 100, 1_000, 4 * 1024);
    }

    /**
     * The changes that are kept for those who have missed some.
     *
     * @param directory where they are kept, in files; null for in memory, then they are gone with the process
     * @param maxAge for how long they are kept
     * @param maxBytes how many bytes of them are kept at most
     */
    public record History(@Nullable Path directory, Duration maxAge, long maxBytes) {
        public static final History DEFAULT = new History(null, Duration.ofMinutes(10), 256L * 1024 * 1024);

        HistoryStore open() {
            return directory == null ? new MemoryStore() : new DiskStore(directory, maxBytes);
        }
    }

    /** The resources that exist, for the rules about channel names, and their columns, for what may be asked of them. */
    public interface Resources {
        /** The public names, at this moment; asked per message, so it must be cheap. Thread-safe. */
        boolean exists(String resource);

        /** All of them, for people. */
        List<String> names();

        /** The columns of one, at this moment; empty if nobody could look at it yet. Cheap and thread-safe; the same object as long as nothing changes. */
        Optional<RowShape> shape(String resource);

        /**
         * The rows of all resources as types of TypeScript, as the database defines them now. Blocks as long as the database takes to answer.
         *
         * @throws IOException with a sentence, if it cannot be asked
         */
        default String typeScript() throws IOException {
            throw new IOException("nobody here knows the types of the resources");
        }
    }
}
