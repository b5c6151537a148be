package dev.rowtide.gateway.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits, without a thread, for what the hub answers. The reply is written on a thread of the server: the hub's own is not for writing megabytes
 * of JSON.
 */
final class QueryAnswer {
    private static final Logger LOG = LoggerFactory.getLogger(QueryAnswer.class);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

    private QueryAnswer() {}

    static <T> void send(Request request, Reply reply, Supplier<CompletionStage<T>> query, Consumer<T> answer) {
        // A future of our own: the timeout must not complete the hub's.
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            query.get().whenComplete((value, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    result.complete(value);
                }
            });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
        result.orTimeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .thenAcceptAsync(answer, request.getComponents().getExecutor())
                .exceptionally(failure -> {
                    reply.refuse(refusalOf(failure));
                    return null;
                });
    }

    private static Refusal refusalOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            LOG.warn("the hub did not answer a request within {} ms", ANSWER_WITHIN.toMillis());
            return new Refusal(503, "unavailable", "the server is too busy to answer this now, try again later");
        }
        if (cause instanceof IllegalArgumentException) {
            return new Refusal(400, "bad_message", String.valueOf(cause.getMessage()));
        }
        LOG.error("a request failed", cause);
        return Refusal.internal();
    }
}
