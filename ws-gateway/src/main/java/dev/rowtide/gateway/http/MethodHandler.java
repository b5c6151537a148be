package dev.rowtide.gateway.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Lets one method through, with {@code GET} also {@code HEAD}; answers {@code OPTIONS}; 405 for the others. */
final class MethodHandler extends Handler.Wrapper {
    private static final String PREFLIGHT_SECONDS = "600";

    private final String method;
    private final String allow;

    MethodHandler(String method, Handler handler) {
        super(handler);
        this.method = method;
        this.allow = HttpMethod.GET.is(method) ? "GET, HEAD, OPTIONS" : method + ", OPTIONS";
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String asked = request.getMethod();
        if (asked.equals(method) || (HttpMethod.GET.is(method) && HttpMethod.HEAD.is(asked))) {
            return super.handle(request, response, callback);
        }
        Reply reply = new Reply(response, callback);
        response.getHeaders().put(HttpHeader.ALLOW, allow);
        if (!HttpMethod.OPTIONS.is(asked)) {
            reply.refuse(new Refusal(405, "method_not_allowed", "this path knows " + allow + ", not " + shown(asked)));
            return true;
        }
        // Set by GuardHandler for the origins that may read answers.
        if (response.getHeaders().contains(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN)) {
            response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_METHODS, allow);
            response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type");
            response.getHeaders().put(HttpHeader.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        }
        reply.noContent();
        return true;
    }

    private static String shown(String method) {
        return method.length() <= 20 ? method : method.substring(0, 20) + "…";
    }
}
