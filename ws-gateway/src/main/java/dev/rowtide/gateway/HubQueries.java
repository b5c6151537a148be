package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Position;
import dev.rowtide.gateway.http.Explanation;
import dev.rowtide.gateway.http.GatewayQueries;
import dev.rowtide.gateway.presence.ChannelPresence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The REST API's way to the hub: asked on network threads, looked up on the fan-out thread, and completed on a network thread again, so that writing an HTTP
 * response never holds up a change.
 */
final class HubQueries implements GatewayQueries {
    private final Hub hub;
    private final ConnectionCensus census;
    private final Executor executor;
    private final Supplier<GatewayStats> counters;
    private final Explanations explanations;
    private final long startedMillis;

    HubQueries(Hub hub, ConnectionCensus census, Executor executor, Supplier<GatewayStats> counters) {
        this.hub = hub;
        this.census = census;
        this.executor = executor;
        this.counters = counters;
        this.explanations = new Explanations(hub);
        this.startedMillis = hub.monotonicMillis();
    }

    @Override
    public CompletionStage<Stats> stats(int maxChannels) {
        return ask(() -> new Stats(
                census.connections(),
                census.users(),
                hub.monotonicMillis() - startedMillis,
                hub.position() == null ? null : hub.position().toString(),
                hub.channels().size(),
                busiest(maxChannels),
                counters.get()));
    }

    @Override
    public CompletionStage<UserPage> users(String channel, int limit, @Nullable String cursor) {
        return ask(() -> {
            LiveChannel live = channel.isEmpty() || channel.length() > Channel.MAX_LENGTH
                    ? null
                    : hub.channels().find(new Channel(channel));
            PresenceFeed presence = live == null ? null : live.presence();
            if (presence == null) {
                return new UserPage(List.of(), 0, null);
            }
            ChannelPresence.Page page = presence.page(limit, cursor);
            return new UserPage(page.users(), presence.onlineCount(), page.next());
        });
    }

    @Override
    public CompletionStage<BroadcastResult> broadcast(Channel channel, String payloadJson, @Nullable String userId) {
        return ask(() -> new BroadcastResult(hub.broadcast(channel, payloadJson, userId, null)));
    }

    @Override
    public CompletionStage<Explanation> explain(String userId, Set<String> roles, Channel channel, Position position) {
        CompletableFuture<Explanation> answer = new CompletableFuture<>();
        hub.post(() -> {
            try {
                explanations.explain(
                        userId,
                        roles,
                        channel,
                        position,
                        explanation -> executor.execute(() -> answer.complete(explanation)));
            } catch (RuntimeException e) {
                executor.execute(() -> answer.completeExceptionally(e));
            }
        });
        return answer;
    }

    private List<ChannelStats> busiest(int max) {
        Comparator<LiveChannel> byClients = Comparator.comparingInt(LiveChannel::clients);
        PriorityQueue<LiveChannel> busiest = new PriorityQueue<>(byClients);
        hub.channels().forEach(channel -> {
            busiest.add(channel);
            if (busiest.size() > max) {
                busiest.poll();
            }
        });
        List<LiveChannel> sorted = new ArrayList<>(busiest);
        sorted.sort(byClients.reversed().thenComparing(LiveChannel::name));
        return sorted.stream()
                .map(channel -> {
                    PresenceFeed presence = channel.presence();
                    return new ChannelStats(
                            channel.name(),
                            channel.clients(),
                            presence == null ? null : presence.listed(),
                            presence == null ? 0 : presence.onlineCount());
                })
                .toList();
    }

    private <T> CompletionStage<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        hub.post(() -> {
            try {
                T value = question.get();
                executor.execute(() -> answer.complete(value));
            } catch (RuntimeException e) {
                executor.execute(() -> answer.completeExceptionally(e));
            }
        });
        return answer;
    }
}
