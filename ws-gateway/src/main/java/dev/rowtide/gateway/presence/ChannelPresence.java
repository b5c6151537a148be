package dev.rowtide.gateway.presence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is online on one channel.
 *
 * <p>For one thread. Times are arguments (milliseconds of a clock that does not go back). Every method that changes something returns whether others would see
 * it; {@link #drain} then says what changed since the last drain, so that a caller can tell at once or gather changes for a while.
 */
public final class ChannelPresence {

    /** What others have to be told. A user is in one list at most. */
    public record Changes(List<OnlineUser> join, List<OnlineUser> update, List<OnlineUser> leave) {
        public boolean isEmpty() {
            return join.isEmpty() && update.isEmpty() && leave.isEmpty();
        }
    }

    /** @param next cursor of the next page, null if this is the last */
    public record Page(List<OnlineUser> users, @Nullable String next) {}

    /** How a connection's membership ended. */
    public enum End {
        /** Unsubscribed, or closed with 1000: the user leaves at once. */
        CLEAN,
        /** Anything else, also 1001, which is what a page reload sends: the user gets the grace period. */
        UNCLEAN
    }

    public ChannelPresence(long leaveGraceMillis, int maxListedUsers) {}

    /** A connection of this user came; once per connection. */
    public boolean join(String userId, PresenceMetadata metadata) {
        throw new UnsupportedOperationException();
    }

    /** The user's client said what to show from now on. Ignored for a user without a connection here. */
    public boolean update(String userId, PresenceMetadata metadata) {
        throw new UnsupportedOperationException();
    }

    /** A connection of this user went. */
    public boolean leave(String userId, End end, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** Lets those leave whose grace period is over. */
    public boolean expire(long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** When {@link #expire} has something to do, {@link Long#MAX_VALUE} for never. */
    public long nextDeadlineMillis() {
        throw new UnsupportedOperationException();
    }

    /** What changed since the last call, as the difference: who joined and left in between is in no list. */
    public Changes drain() {
        throw new UnsupportedOperationException();
    }

    /** Who is online, in the order of joining, at most {@code maxListedUsers}; the same list object as long as it stays the same. */
    public List<OnlineUser> listed() {
        throw new UnsupportedOperationException();
    }

    /** How many are online; exact. */
    public int onlineCount() {
        throw new UnsupportedOperationException();
    }

    /**
     * A page of who is online, in the order of joining.
     *
     * @throws IllegalArgumentException if the cursor is not one
     */
    public Page page(int limit, @Nullable String cursor) {
        throw new UnsupportedOperationException();
    }

    /** Whether nobody is online and nothing waits for {@link #drain}: it can be thrown away. */
    public boolean isEmpty() {
        throw new UnsupportedOperationException();
    }
}
