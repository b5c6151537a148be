package dev.rowtide.gateway.http;

import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** {@code GET /metrics} in Prometheus' text format 0.0.4. */
final class MetricsHandler extends Handler.Abstract {
    private final Supplier<String> metrics;

    MetricsHandler(Supplier<String> metrics) {
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        new Reply(response, callback).text("text/plain; version=0.0.4; charset=utf-8", metrics.get());
        return true;
    }
}
