package dev.rowtide.gateway.auth;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an authenticator that others wrote answer: one that throws, fails, answers null or takes too long is a 503 for the client and a line in the log, once
 * per failure and without anything the client brought.
 *
 * <p>A late answer is completed on the thread that the platform has for delays; who continues from it with more than a moment's work goes
 * elsewhere.
 */
final class BoundedAuthenticator implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(BoundedAuthenticator.class);

    private final Authenticator delegate;
    private final Duration answerWithin;

    BoundedAuthenticator(Authenticator delegate, Duration answerWithin) {
        this.delegate = delegate;
        this.answerWithin = answerWithin;
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public void start(Map<String, String> options) {
        delegate.start(options);
    }

    @Override
    public CompletionStage<Outcome> authenticate(Credentials credentials) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        try {
            delegate.authenticate(credentials).whenComplete((outcome, failure) -> answered(answer, outcome, failure));
        } catch (RuntimeException | LinkageError e) {
            answer.completeExceptionally(e);
        }
        return answer.orTimeout(answerWithin.toMillis(), TimeUnit.MILLISECONDS).exceptionally(this::refusal);
    }

    private static void answered(
            CompletableFuture<Outcome> answer, @Nullable Outcome outcome, @Nullable Throwable failure) {
        if (outcome != null) {
            answer.complete(outcome);
        } else {
            answer.completeExceptionally(failure != null ? failure : new NullPointerException("answered null"));
        }
    }

    private Outcome refusal(Throwable failure) {
        if (failure instanceof TimeoutException) {
            LOG.warn("the authenticator {} did not answer within {} ms", name(), answerWithin.toMillis());
        } else {
            LOG.error("the authenticator {} failed", name(), failure);
        }
        return new Outcome.Refused(503, "who you are cannot be checked right now, try again later");
    }

    @Override
    public void close() {
        delegate.close();
    }
}
