package dev.rowtide.gateway.http;

import dev.rowtide.gateway.GatewayConfig;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code GET /realtime/types.ts}: the resources as types of TypeScript. The database is asked each time, on a network thread; so one request at a time, or a database that hangs would take all of these.
 */
final class TypesHandler extends Handler.Abstract {
    private final GatewayConfig.Resources resources;
    private final Semaphore turn = new Semaphore(1);

    TypesHandler(GatewayConfig.Resources resources) {
        this.resources = resources;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        if (!turn.tryAcquire()) {
            reply.refuse(unavailable("the types are being read for somebody else: ask again in a second"));
            return true;
        }
        String text;
        try {
            text = resources.typeScript();
        } catch (IOException e) {
            reply.refuse(unavailable(String.valueOf(e.getMessage())));
            return true;
        } finally {
            turn.release();
        }
        // Not a type of its own: browsers show text, and save what they do not know.
        reply.text("text/plain; charset=utf-8", text);
        return true;
    }

    private static Refusal unavailable(String sentence) {
        return new Refusal(503, "unavailable", sentence);
    }
}
