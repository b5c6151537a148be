package dev.rowtide.gateway.http;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.GatewayStats;
import dev.rowtide.gateway.presence.OnlineUser;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What the REST API asks of the hub, and the one thing it does to it.
 *
 * <p>Called on network threads and answered from the hub's own; a stage that is not complete after five seconds is answered with 503
 * and its late result is dropped.
 */
public interface GatewayQueries {

    /**
     * The whole gateway at a glance.
     *
     * @param maxChannels how many channels are listed at most, 0 or more
     */
    CompletionStage<Stats> stats(int maxChannels);

    /**
     * Who is online on a channel, in the order of joining.
     *
     * @param channel any name; one that nobody is in has no users
     * @param limit how many at most, 1 or more
     * @param cursor where the page before ended, null for the first. One that this gateway never gave fails the stage with an {@link
     *     IllegalArgumentException} that says so
     */
    CompletionStage<UserPage> users(String channel, int limit, @Nullable String cursor);

    /**
     * Sends to all subscribers of a channel. The rules about channel names were checked by the caller.
     *
     * @param payloadJson any JSON value, well-formed, on one line
     * @param userId who is named as the sender; null for none
     */
    CompletionStage<BroadcastResult> broadcast(Channel channel, String payloadJson, @Nullable String userId);

    /**
     * Whether a user got a change.
     *
     * @param roles the user's, for when it is not connected
     */
    CompletionStage<Explanation> explain(String userId, Set<String> roles, Channel channel, Position position);

    /**
     * @param connected open WebSocket connections
     * @param users distinct users behind them
     * @param uptimeMillis since the gateway started
     * @param position the newest change's position, null before the first
     * @param channelCount channels that somebody is in; exact
     * @param channels the busiest of them first
     * @param counters the gateway's counters
     */
    record Stats(
            int connected,
            int users,
            long uptimeMillis,
            @Nullable String position,
            int channelCount,
            List<ChannelStats> channels,
            GatewayStats counters) {}

    /**
     * @param name the channel
     * @param clients subscribed connections
     * @param onlineUsers the first of them, as many as {@code onlineUsers} lists in messages; null if presence is off
     * @param onlineCount all of them, exact; 0 if presence is off
     */
    record ChannelStats(String name, int clients, @Nullable List<OnlineUser> onlineUsers, int onlineCount) {}

    /**
     * @param users this page
     * @param count all users that are online on the channel, exact
     * @param cursor for the next page; null if this is the last
     */
    record UserPage(
            List<OnlineUser> users, int count, @Nullable String cursor) {}

    /** @param clients connections that the message was handed to */
    record BroadcastResult(int clients) {}
}
