package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.rowtide.gateway.http.GatewayQueries.ChannelStats;
import dev.rowtide.gateway.http.GatewayQueries.Stats;
import java.io.IOException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /realtime/stats}: the gateway at a glance, the busiest channels first. */
final class StatsHandler extends Handler.Abstract {
    private final GatewayQueries queries;

    StatsHandler(GatewayQueries queries) {
        this.queries = queries;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        QueryAnswer.send(request, reply, queries::stats, stats -> reply.json(200, json -> write(stats, json)));
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
}
