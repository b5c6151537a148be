package dev.rowtide.gateway.http;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /health/live}: the process answers. A restart would not mend what this does not see, so it looks at nothing else. */
final class LiveHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        new Reply(response, callback).json(200, json -> json.writeStringField("status", "live"));
        return true;
    }
}
