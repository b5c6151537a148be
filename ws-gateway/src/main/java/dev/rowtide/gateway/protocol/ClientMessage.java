package dev.rowtide.gateway.protocol;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.filter.RowFilter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a client says. Well-formed, nothing else: whether it is allowed is decided by the {@link Handler}. */
public sealed interface ClientMessage {

    /** The {@code id} as it was given (any JSON scalar), to be echoed; null if there was none. */
    @Nullable
    String idJson();

    /** Calls the handler's method for this message. */
    void accept(Handler handler);

    /**
     * Changes, broadcasts and presence of a channel from now on; of a channel that is subscribed already, other parameters.
     *
     * @param since the changes after this position come first; null for those from now on
     * @param snapshot whether the present rows come first; with {@code since} only if its changes cannot be had any more
     * @param filter the rows that are wanted
     * @param columns the columns that are wanted; empty for all
     * @param operations the row changes that are wanted, never empty
     * @param conflateMillis in how much time no more than the newest state of a row is wanted; 0 for all states
     * @param metadataJson what to show about the user, a JSON object; null if nothing was said
     */
    record Subscribe(
            Channel channel,
            @Nullable String idJson,
            @Nullable Position since,
            boolean snapshot,
            RowFilter filter,
            List<String> columns,
            Set<Operation> operations,
            int conflateMillis,
            PresenceMode presence,
            @Nullable String metadataJson)
            implements ClientMessage {
        /** Whether it asks for what only a channel of row changes has. */
        public boolean isAboutRows() {
            return since != null
                    || snapshot
                    || !filter.equals(RowFilter.ALL)
                    || !columns.isEmpty()
                    || conflateMillis > 0;
        }

        @Override
        public void accept(Handler handler) {
            handler.subscribe(this);
        }
    }

    /** No more of a channel. */
    record Unsubscribe(Channel channel, @Nullable String idJson) implements ClientMessage {
        @Override
        public void accept(Handler handler) {
            handler.unsubscribe(this);
        }
    }

    /**
     * Something for all subscribers of a channel.
     *
     * @param payloadJson any JSON value, as it was given
     * @param self whether the sender wants it too
     */
    record Broadcast(Channel channel, @Nullable String idJson, String payloadJson, boolean self)
            implements ClientMessage {
        @Override
        public void accept(Handler handler) {
            handler.broadcast(this);
        }
    }

    /** @param metadataJson what to show about the user from now on, a JSON object */
    record PresenceUpdate(Channel channel, @Nullable String idJson, String metadataJson) implements ClientMessage {
        @Override
        public void accept(Handler handler) {
            handler.presenceUpdate(this);
        }
    }

    /** Alive; answered with the position that has been reached. */
    record Heartbeat(@Nullable String idJson) implements ClientMessage {
        @Override
        public void accept(Handler handler) {
            handler.heartbeat(this);
        }
    }

    /** @param token the credential that replaces the present one */
    record Auth(@Nullable String idJson, String token) implements ClientMessage {
        @Override
        public void accept(Handler handler) {
            handler.auth(this);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Auth[idJson=" + idJson + "]";
        }
    }

    /** What is done about each message. */
    interface Handler {
        void subscribe(Subscribe message);

        void unsubscribe(Unsubscribe message);

        void broadcast(Broadcast message);

        void presenceUpdate(PresenceUpdate message);

        void heartbeat(Heartbeat message);

        void auth(Auth message);
    }
}
