package dev.rowtide.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.gateway.auth.AuthConfig.Mode;
import dev.rowtide.gateway.auth.AuthConfig.Token;
import dev.rowtide.gateway.auth.Authenticator.Credentials;
import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Accepted;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AuthenticatorsTest {
    private static final Identity ANN = new Identity("ann", "Ann", Set.of("editor"), Map.of("team", "a"), false, 0);

    @Test
    void withoutAuthenticationOneIsWhoOneSays() {
        assertThat(accepted(decide(AuthConfig.NONE, null, Map.of("userId", "ann")))
                        .userId())
                .isEqualTo("ann");
    }

    @Test
    void withoutAuthenticationWhoSaysNothingIsAGuestOfItsOwn() {
        Authenticator none = Authenticators.of(AuthConfig.NONE);
        Identity one = accepted(decide(none, null, Map.of()));
        Identity other = accepted(decide(none, null, Map.of("userId", "")));
        assertThat(one.userId()).matches("guest-[0-9a-f]{12}");
        assertThat(other.userId()).matches("guest-[0-9a-f]{12}").isNotEqualTo(one.userId());
    }

    @Test
    void withoutAuthenticationAnImpossibleUserIdIsRefused() {
        assertThat(refused(decide(AuthConfig.NONE, null, Map.of("userId", "x".repeat(256))))
                        .status())
                .isEqualTo(400);
        assertThat(refused(decide(AuthConfig.NONE, null, Map.of("userId", "a\nb")))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aTokenStandsForItsIdentityAndNothingElseDoes() {
        AuthConfig config = tokens(new Token("s3cret", ANN), new Token("other", Identity.ofUser("bob")));
        assertThat(accepted(decide(config, "s3cret", Map.of()))).isEqualTo(ANN);
        assertThat(accepted(decide(config, "other", Map.of())).userId()).isEqualTo("bob");
        assertThat(refused(decide(config, "s3cre", Map.of())).status()).isEqualTo(401);
        assertThat(refused(decide(config, "S3cret", Map.of())).status()).isEqualTo(401);
        assertThat(refused(decide(config, null, Map.of("userId", "ann"))).status())
                .isEqualTo(401);
    }

    @Test
    void aTokenIsInNoErrorAndNoText() {
        AuthConfig config = tokens(new Token("s3cret", ANN));
        assertThat(config.toString()).doesNotContain("s3cret");
        assertThat(new Credentials("s3cret", Map.of("token", "s3cret"), Map.of(), "::1").toString())
                .doesNotContain("s3cret");
        assertThatThrownBy(() ->
                        Authenticators.of(tokens(new Token("s3cret", ANN), new Token("s3cret", Identity.ofUser("b")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("auth.tokens has the same token twice, for ann and for b");
    }

    @Test
    void tokensWithoutATokenAreAConfigurationError() {
        assertThatThrownBy(() -> Authenticators.of(tokens()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auth.tokens is empty");
        assertThatThrownBy(() -> Authenticators.of(tokens(new Token(" ", ANN))))
                .hasMessage("the token of ann in auth.tokens is empty");
    }

    @Test
    void theOnlyCustomAuthenticatorNeedsNoName() {
        Authenticator custom = Authenticators.of(custom(null, Map.of("word", "please")));
        assertThat(custom.name()).isEqualTo("greeting");
        assertThat(accepted(decide(custom, "please", Map.of())).userId()).isEqualTo("greeter");
        assertThat(refused(decide(custom, "now", Map.of()))).isEqualTo(new Refused(403, "say the word"));
    }

    @Test
    void aCustomAuthenticatorCanRefuseItsOptions() {
        assertThatThrownBy(() -> Authenticators.of(custom("greeting", Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("auth.options.word is missing");
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertThatThrownBy(() -> Authenticators.of(custom("jwt", Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "auth.authenticator is jwt, but there is none of that name on the class path; there is greeting");
    }

    @Test
    void noneFoundSaysHowOneIsFound() {
        assertThatThrownBy(() -> Authenticators.choose(List.of(), null))
                .hasMessageContaining("META-INF/services/dev.rowtide.gateway.auth.Authenticator");
    }

    @Test
    void severalFoundHaveToBeChosenFrom() {
        List<Authenticator> two = List.of(named("b"), named("a"));
        assertThatThrownBy(() -> Authenticators.choose(two, null)).hasMessageEndingWith("to one of a, b");
        assertThat(Authenticators.choose(two, "a")).isSameAs(two.get(1));
        assertThatThrownBy(() -> Authenticators.choose(List.of(named("a"), named("a")), "a"))
                .hasMessageContaining("2 classes");
    }

    @Test
    void whateverGoesWrongInAnAuthenticatorIs503() {
        List<Supplier<CompletionStage<Outcome>>> failures = List.of(
                () -> {
                    throw new IllegalStateException("thrown");
                },
                () -> CompletableFuture.failedFuture(new IllegalStateException("failed")),
                () -> CompletableFuture.completedFuture(null),
                () -> CompletableFuture.supplyAsync(() -> new Refused(200, "not a refusal")),
                CompletableFuture::new);
        for (Supplier<CompletionStage<Outcome>> failure : failures) {
            Authenticator bounded = new BoundedAuthenticator(answering(failure), Duration.ofMillis(50));
            Refused refused = refused(decide(bounded, "t", Map.of()));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.message()).doesNotContain("thrown").doesNotContain("failed");
        }
    }

    @Test
    void aSlowAuthenticatorThatAnswersInTimeIsHeard() {
        CompletableFuture<Outcome> later = new CompletableFuture<>();
        Authenticator bounded = new BoundedAuthenticator(answering(() -> later), Duration.ofMinutes(1));
        CompletableFuture<Outcome> outcome = bounded.authenticate(new Credentials("t", Map.of(), Map.of(), "::1"))
                .toCompletableFuture();
        assertThat(outcome).isNotDone();
        later.complete(new Accepted(ANN));
        assertThat(outcome.join()).isEqualTo(new Accepted(ANN));
    }

    @Test
    void metadataIsPlainJsonOrAnError() {
        assertThatThrownBy(() -> new Identity("u", null, Set.of(), Map.of("session", new Object()), false, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Object");
        assertThatThrownBy(() -> Identity.ofUser("")).hasMessageContaining("1 to 255 characters");
    }

    private static AuthConfig tokens(Token... tokens) {
        return new AuthConfig(Mode.TOKENS, false, Set.of(), Set.of(), List.of(tokens), null, Map.of(), List.of());
    }

    private static AuthConfig custom(@Nullable String name, Map<String, String> options) {
        return new AuthConfig(Mode.CUSTOM, false, Set.of(), Set.of(), List.of(), name, options, List.of());
    }

    private static Authenticator named(String name) {
        return new Authenticator() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public CompletionStage<Outcome> authenticate(Credentials credentials) {
                return CompletableFuture.completedFuture(new Refused(401, name));
            }
        };
    }

    private static Authenticator answering(Supplier<CompletionStage<Outcome>> answer) {
        return new Authenticator() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public CompletionStage<Outcome> authenticate(Credentials credentials) {
                return answer.get();
            }
        };
    }

    private static Outcome decide(AuthConfig config, @Nullable String token, Map<String, String> query) {
        return decide(Authenticators.of(config), token, query);
    }

    private static Outcome decide(Authenticator authenticator, @Nullable String token, Map<String, String> query) {
        return authenticator
                .authenticate(new Credentials(token, query, Map.of(), "127.0.0.1"))
                .toCompletableFuture()
                .join();
    }

    private static Identity accepted(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Accepted.class);
        return ((Accepted) outcome).identity();
    }

    private static Refused refused(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Refused.class);
        return (Refused) outcome;
    }
}
