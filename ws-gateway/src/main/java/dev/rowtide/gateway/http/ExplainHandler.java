package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.filter.Truth;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** {@code GET /realtime/explain?userId=U&channel=C&position=P}: whether the user got that change, and if not what hid it. {@code roles=a,b} names those of a user who is not connected. */
final class ExplainHandler extends Handler.Abstract {
    private final GatewayQueries queries;

    ExplainHandler(GatewayQueries queries) {
        this.queries = queries;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        String userId;
        Channel channel;
        Position position;
        Set<String> roles;
        try {
            Map<String, String> query = PresentedCredentials.query(request);
            userId = required(query, "userId", "ann");
            channel = new Channel(required(query, "channel", "resource:post"));
            String text = required(query, "position", "mvx3k2p1a7f3c-16b3748-2");
            position = Position.parse(text)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "position is one as a change, an answer or a heartbeat carries it, and this is none"));
            String given = query.get("roles");
            roles = given == null ? Set.of() : Set.of(given.split(",", -1));
        } catch (IllegalArgumentException e) {
            reply.refuse(new Refusal(400, "bad_message", String.valueOf(e.getMessage())));
            return true;
        }
        QueryAnswer.send(
                request,
                reply,
                () -> queries.explain(userId, roles, channel, position),
                explanation -> reply.json(200, json -> {
                    json.writeStringField("userId", userId);
                    json.writeStringField("channel", channel.name());
                    json.writeStringField("position", position.toString());
                    write(explanation, json);
                }));
        return true;
    }

    private static String required(Map<String, String> query, String name, String example) {
        String value = query.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("the parameter " + name
                    + " is missing: ?userId=ann&channel=resource:post&position=P, " + name + " for example " + example);
        }
        return value;
    }

    private static void write(Explanation explanation, JsonGenerator json) throws IOException {
        json.writeBooleanField("delivered", explanation.reason() == Explanation.Reason.DELIVERED);
        json.writeStringField("reason", explanation.reason().wireName());
        json.writeStringField("explanation", explanation.sentence());
        DataChangeEvent change = explanation.change();
        if (change != null) {
            json.writeObjectFieldStart("change");
            json.writeStringField("resource", change.resource());
            json.writeStringField("operation", change.operation().wireName());
            if (change.id() != null) {
                json.writeFieldName("id");
                json.writeRawValue(change.id().json());
            }
            json.writeNumberField("committedAt", change.committedAtMillis());
            json.writeEndObject();
        }
        json.writeArrayFieldStart("rules");
        for (Explanation.Rule rule : explanation.rules()) {
            json.writeStartObject();
            strings("roles", rule.roles(), json);
            json.writeBooleanField("isForUser", rule.isForUser());
            json.writeFieldName("where");
            json.writeRawValue(rule.where());
            truth("before", rule.before(), json);
            truth("after", rule.after(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("subscriptions");
        for (Explanation.Subscribed subscribed : explanation.subscriptions()) {
            json.writeStartObject();
            json.writeStringField("reason", subscribed.reason().wireName());
            json.writeStringField("explanation", subscribed.sentence());
            if (subscribed.shownAs() != null) {
                json.writeStringField("shownAs", subscribed.shownAs());
            }
            json.writeFieldName("filter");
            json.writeRawValue(subscribed.filter());
            strings("columns", subscribed.columns(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void truth(String name, @Nullable Truth truth, JsonGenerator json) throws IOException {
        if (truth != null) {
            json.writeStringField(name, truth.name().toLowerCase(Locale.ROOT));
        }
    }

    private static void strings(String name, Iterable<String> values, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
