package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.GatewayStats;
import dev.rowtide.gateway.http.GatewayQueries.ChannelStats;
import dev.rowtide.gateway.http.GatewayQueries.Stats;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /realtime/stats?channels=}: the bridge at a glance, the busiest channels first. */
final class StatsHandler extends Handler.Abstract {
    /** How many channels are listed: at 100 listed users each, the answer stays within a few megabytes. */
    private static final int MAX_CHANNELS = 1_000;

    /** How many resources are listed, with their columns. */
    private static final int MAX_RESOURCES = 1_000;

    private final GatewayQueries queries;
    private final GatewayConfig.Resources resources;
    private final Supplier<SourceStatus> source;

    StatsHandler(GatewayQueries queries, GatewayConfig.Resources resources, Supplier<SourceStatus> source) {
        this.queries = queries;
        this.resources = resources;
        this.source = source;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        int channels;
        try {
            channels = QueryNumber.of(PresentedCredentials.query(request), "channels", 0, MAX_CHANNELS, MAX_CHANNELS);
        } catch (IllegalArgumentException e) {
            reply.refuse(new Refusal(400, "bad_message", String.valueOf(e.getMessage())));
            return true;
        }
        QueryAnswer.send(
                request,
                reply,
                () -> queries.stats(channels),
                stats -> reply.json(200, json -> {
                    write(stats, json);
                    json.writeNumberField("timestamp", System.currentTimeMillis());
                    write(source.get(), json);
                    writeResources(json);
                    write(stats.counters(), json);
                }));
        return true;
    }

    private static void write(Stats stats, JsonGenerator json) throws IOException {
        json.writeNumberField("connected", stats.connected());
        json.writeNumberField("users", stats.users());
        json.writeNumberField("uptimeMillis", stats.uptimeMillis());
        json.writeStringField("position", stats.position());
        json.writeNumberField("channelCount", stats.channelCount());
        json.writeArrayFieldStart("channels");
        for (ChannelStats channel : stats.channels()) {
            json.writeStartObject();
            json.writeStringField("name", channel.name());
            json.writeNumberField("clients", channel.clients());
            if (channel.onlineUsers() != null) {
                OnlineUsersJson.write("onlineUsers", channel.onlineUsers(), json);
                json.writeNumberField("onlineCount", channel.onlineCount());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(SourceStatus source, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("source");
        json.writeStringField("state", source.health().state().name().toLowerCase(Locale.ROOT));
        json.writeStringField("message", source.health().sentence());
        json.writeStringField("database", source.database());
        json.writeStringField("log", source.log());
        json.writeNumberField("keptLogBytes", source.keptLogBytes());
        json.writeNumberField("lagMillis", source.lagMillis());
        json.writeNumberField("silentMillis", source.silentMillis());
        json.writeEndObject();
    }

    private void writeResources(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("resources");
        for (String name : resources.names().stream().limit(MAX_RESOURCES).toList()) {
            json.writeStartObject();
            json.writeStringField("name", name);
            Optional<RowShape> shape = resources.shape(name);
            if (shape.isPresent()) {
                json.writeArrayFieldStart("columns");
                for (String column : shape.get().columns()) {
                    json.writeString(column);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(GatewayStats counters, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("counters");
        json.writeNumberField("changes", counters.changes());
        json.writeNumberField("messagesIn", counters.messagesIn());
        json.writeNumberField("messagesOut", counters.messagesOut());
        json.writeNumberField("bytesOut", counters.bytesOut());
        json.writeNumberField("fellBehind", counters.fellBehind());
        json.writeNumberField("slowClosed", counters.slowClosed());
        json.writeNumberField("historyBytes", counters.historyBytes());
        json.writeEndObject();
    }
}
