package dev.rowtide.gateway.http;

import dev.rowtide.gateway.auth.Identity;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets service credentials through: 401 for who is nobody, 403 for who is only a user. */
final class ServiceOnlyHandler extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceOnlyHandler.class);

    private final ClientAuthentication authentication;

    ServiceOnlyHandler(ClientAuthentication authentication, Handler handler) {
        super(handler);
        this.authentication = authentication;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Reply reply = new Reply(response, callback);
        authentication.decide(
                request,
                identity -> {
                    if (identity.service()) {
                        serve(request, response, callback, reply);
                    } else {
                        reply.refuse(refusalOf(identity));
                    }
                },
                reply::refuse);
        return true;
    }

    private static Refusal refusalOf(Identity identity) {
        return new Refusal(
                403,
                "forbidden",
                "this needs a service credential, and the one of " + identity.userId()
                        + " is not (service: true of a token, or what the authenticator says)");
    }

    // May run long after handle returned, so what it throws has to be caught here.
    private void serve(Request request, Response response, Callback callback, Reply reply) {
        try {
            if (!super.handle(request, response, callback)) {
                reply.refuse(Refusal.internal());
            }
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
        }
    }
}
