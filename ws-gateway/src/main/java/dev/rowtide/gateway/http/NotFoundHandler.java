package dev.rowtide.gateway.http;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The end of the list. */
final class NotFoundHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        new Reply(response, callback).refuse(new Refusal(404, "not_found", "there is nothing at this path"));
        return true;
    }
}
