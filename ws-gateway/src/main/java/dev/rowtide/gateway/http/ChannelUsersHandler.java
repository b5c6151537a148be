package dev.rowtide.gateway.http;

import java.util.Map;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /realtime/channel/users?channel=C&limit=&cursor=}: who is online on a channel, page by page. */
final class ChannelUsersHandler extends Handler.Abstract {
    private static final int DEFAULT_LIMIT = 100;

    /** With the largest metadata this is an answer of 4 MB. */
    private static final int MAX_LIMIT = 1_000;

    private final GatewayQueries queries;

    ChannelUsersHandler(GatewayQueries queries) {
        this.queries = queries;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        String channel;
        String cursor;
        int limit;
        try {
            Map<String, String> query = PresentedCredentials.query(request);
            channel = query.getOrDefault("channel", "");
            cursor = query.get("cursor");
            limit = QueryNumber.of(query, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
        } catch (IllegalArgumentException e) {
            reply.refuse(new Refusal(400, "bad_message", String.valueOf(e.getMessage())));
            return true;
        }
        if (channel.isEmpty()) {
            reply.refuse(new Refusal(400, "bad_channel", "the parameter channel is missing: ?channel=resource:post"));
            return true;
        }
        QueryAnswer.send(
                request,
                reply,
                () -> queries.users(channel, limit, cursor),
                page -> reply.json(200, json -> {
                    json.writeStringField("channel", channel);
                    OnlineUsersJson.write("users", page.users(), json);
                    json.writeNumberField("count", page.count());
                    if (page.cursor() != null) {
                        json.writeStringField("cursor", page.cursor());
                    }
                }));
        return true;
    }
}
