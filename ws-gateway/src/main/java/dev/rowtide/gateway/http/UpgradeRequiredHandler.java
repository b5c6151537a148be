package dev.rowtide.gateway.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The WebSocket's own path, asked without an upgrade: usually somebody with a browser, or a proxy that drops the header. */
final class UpgradeRequiredHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
        new Reply(response, callback)
                .refuse(
                        new Refusal(
                                426,
                                "upgrade_required",
                                "this is a WebSocket endpoint; if a WebSocket client gets this, a proxy in between drops the Upgrade header"));
        return true;
    }
}
