package dev.rowtide.gateway.http;

import dev.rowtide.gateway.auth.Authenticator;
import dev.rowtide.gateway.auth.Authenticator.Credentials;
import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Identity;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a request to an identity or a refusal, the same way for WebSockets and for REST. */
final class ClientAuthentication {
    private static final Logger LOG = LoggerFactory.getLogger(ClientAuthentication.class);

    private final Authenticator authenticator;
    private final InstantSource clock;

    ClientAuthentication(Authenticator authenticator, InstantSource clock) {
        this.authenticator = authenticator;
        this.clock = clock;
    }

    /**
     * Calls one of the two, and {@code refused} also if {@code accepted} throws: on the caller's thread if the answer is there at once, else on one of the server's, because the thread that an
     * authenticator answers on is not ours to keep.
     */
    void decide(Request request, Consumer<Identity> accepted, Consumer<Refusal> refused) {
        Credentials credentials;
        try {
            credentials = PresentedCredentials.of(request);
        } catch (IllegalArgumentException e) {
            refused.accept(new Refusal(400, "bad_message", String.valueOf(e.getMessage())));
            return;
        }
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        try {
            authenticator.authenticate(credentials).whenComplete((outcome, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else {
                    answer.complete(outcome);
                }
            });
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
        Executor executor =
                answer.isDone() ? Runnable::run : request.getComponents().getExecutor();
        answer.whenCompleteAsync(
                (outcome, failure) -> {
                    try {
                        conclude(outcome, failure, accepted, refused);
                    } catch (RuntimeException e) {
                        // A future would keep it to itself, and the client would wait for ever.
                        LOG.error("an authenticated request failed", e);
                        refused.accept(Refusal.internal());
                    }
                },
                executor);
    }

    private void conclude(
            @Nullable Outcome outcome,
            @Nullable Throwable failure,
            Consumer<Identity> accepted,
            Consumer<Refusal> refused) {
        if (outcome instanceof Outcome.Refused refusal) {
            refused.accept(Refusal.of(refusal));
        } else if (outcome instanceof Outcome.Accepted acceptance) {
            long expiresAt = acceptance.identity().expiresAtMillis();
            if (expiresAt != 0 && expiresAt <= clock.millis()) {
                refused.accept(new Refusal(401, "token_expired", "this token has expired; get a new one"));
            } else {
                accepted.accept(acceptance.identity());
            }
        } else {
            LOG.error("the authenticator {} failed", authenticator.name(), failure);
            refused.accept(new Refusal(503, "unavailable", "who you are cannot be checked right now, try again later"));
        }
    }
}
