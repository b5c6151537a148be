package dev.rowtide.gateway.http;

import dev.rowtide.feed.SourceHealth;
import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /health/ready}: whether changes are flowing, and if not, what is wrong, in a sentence. */
final class ReadyHandler extends Handler.Abstract {
    private final Supplier<SourceHealth> health;

    ReadyHandler(Supplier<SourceHealth> health) {
        this.health = health;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        SourceHealth source = health.get();
        new Reply(response, callback).json(source.ready() ? 200 : 503, json -> {
            json.writeStringField("status", source.ready() ? "ready" : "unavailable");
            json.writeObjectFieldStart("source");
            json.writeStringField("state", source.state().name().toLowerCase(Locale.ROOT));
            json.writeStringField("message", source.sentence());
            json.writeEndObject();
        });
        return true;
    }
}
