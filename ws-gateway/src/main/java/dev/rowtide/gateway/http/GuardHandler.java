package dev.rowtide.gateway.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outermost: which pages may ask, which may read the answer, and a JSON error for what nobody below has caught. */
final class GuardHandler extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(GuardHandler.class);

    private final RequestGuard guard;

    GuardHandler(RequestGuard guard, Handler handler) {
        super(handler);
        this.guard = guard;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        Refusal refusal = guard.refuse(request);
        if (refusal != null) {
            reply.refuse(refusal);
            return true;
        }
        String origin = guard.sharedWith(request);
        if (origin != null) {
            response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.getHeaders().put(HttpHeader.VARY, HttpHeader.ORIGIN.asString());
        }
        try {
            return super.handle(request, response, callback);
        } catch (Exception e) {
            LOG.error(
                    "the request {} {} failed",
                    request.getMethod(),
                    request.getHttpURI().getPath(),
                    e);
            if (response.isCommitted()) {
                callback.failed(e);
            } else {
                reply.refuse(Refusal.internal());
            }
            return true;
        }
    }
}
