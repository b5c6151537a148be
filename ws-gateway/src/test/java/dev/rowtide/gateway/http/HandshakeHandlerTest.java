package dev.rowtide.gateway.http;

import static dev.rowtide.gateway.http.TestServer.ANN;
import static dev.rowtide.gateway.http.TestServer.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Authenticator.Credentials;
import dev.rowtide.gateway.auth.Authenticator.Outcome;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Accepted;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Refused;
import dev.rowtide.gateway.auth.Authenticators;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.http.RawHttp.Answer;
import dev.rowtide.gateway.http.TestServer.Scripted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HandshakeHandlerTest {

    @Test
    void anAcceptedClientGetsAWebSocketThatKnowsWhoItIs() throws Exception {
        try (TestServer server = new TestServer(TOKENS, Authenticators.of(TOKENS))) {
            CompletableFuture<String> heard = new CompletableFuture<>();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .header("Authorization", "Bearer user-token")
                    .buildAsync(uri(server, ""), first(heard))
                    .get(20, TimeUnit.SECONDS);
            socket.sendText("hello", true);
            assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("ann: hello");
            socket.abort();
        }
    }

    @Test
    void aRefusedClientGetsAStatusAndNeverAWebSocket() throws Exception {
        try (TestServer server = new TestServer(TOKENS, Authenticators.of(TOKENS))) {
            assertThatThrownBy(() -> HttpClient.newHttpClient()
                            .newWebSocketBuilder()
                            .buildAsync(uri(server, "?token=wrong"), first(new CompletableFuture<>()))
                            .get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
            Answer answer = handshake(server, "/realtime?token=wrong");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(answer.header("Connection")).isEqualTo("close");
            assertThat(answer.body())
                    .isEqualTo("{\"error\":{\"code\":\"unauthorized\",\"message\":\"this token is not known\"}}");
        }
    }

    @Test
    void eachRefusalKeepsItsStatus() throws Exception {
        Map<Integer, String> codes = Map.of(
                400, "bad_message", 401, "unauthorized", 403, "forbidden", 429, "rate_limited", 503, "unavailable");
        for (Map.Entry<Integer, String> code : codes.entrySet()) {
            Scripted refusing = new Scripted(
                    credentials -> CompletableFuture.completedFuture(new Refused(code.getKey(), "because \"so\"")));
            try (TestServer server = new TestServer(TOKENS, refusing)) {
                Answer answer = handshake(server, "/realtime");
                assertThat(answer.status()).isEqualTo(code.getKey());
                assertThat(answer.body())
                        .isEqualTo("{\"error\":{\"code\":\"" + code.getValue()
                                + "\",\"message\":\"because \\\"so\\\"\"}}");
            }
        }
    }

    @Test
    void theTokenIsTakenFromTheHeaderTheQueryAndTheSubprotocol() throws Exception {
        Scripted scripted = Scripted.accepting(ANN);
        try (TestServer server = new TestServer(TOKENS, scripted)) {
            assertThat(handshake(server, "/realtime", "Authorization: Bearer T1")
                            .status())
                    .isEqualTo(101);
            assertThat(seen(scripted).token()).isEqualTo("T1");
            assertThat(handshake(server, "/realtime", "authorization: bEARER  T1 ")
                            .status())
                    .isEqualTo(101);
            assertThat(seen(scripted).token()).isEqualTo("T1");
            assertThat(handshake(server, "/realtime?token=a%2Bb%3D%C3%A9&x=1").status())
                    .isEqualTo(101);
            assertThat(seen(scripted).token()).isEqualTo("a+b=é");
            Answer answer = handshake(server, "/realtime", "Sec-WebSocket-Protocol: rowtide, bearer.a.b-c");
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("Sec-WebSocket-Protocol"))
                    .as("the token is not sent back")
                    .isEqualTo("rowtide");
            assertThat(seen(scripted).token()).isEqualTo("a.b-c");
            assertThat(handshake(server, "/realtime?token=", "Authorization: Basic YTpi")
                            .status())
                    .isEqualTo(101);
            assertThat(seen(scripted).token())
                    .as("empty and Basic are no token")
                    .isNull();
        }
    }

    @Test
    void theSameTokenTwiceIsOneAndTwoTokensAreAnError() throws Exception {
        Scripted scripted = Scripted.accepting(ANN);
        try (TestServer server = new TestServer(TOKENS, scripted)) {
            assertThat(handshake(
                                    server,
                                    "/realtime?token=T",
                                    "Authorization: Bearer T",
                                    "Sec-WebSocket-Protocol: rowtide, bearer.T")
                            .status())
                    .isEqualTo(101);
            for (Answer answer : new Answer[] {
                handshake(server, "/realtime?token=T", "Authorization: Bearer OTHER"),
                handshake(server, "/realtime?token=T&token=OTHER"),
                handshake(server, "/realtime?token=T", "Sec-WebSocket-Protocol: rowtide, bearer.OTHER")
            }) {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("different tokens").doesNotContain("OTHER");
            }
        }
    }

    @Test
    void aQueryThatIsNotWellFormedIs400WithoutBeingQuoted() throws Exception {
        Scripted scripted = Scripted.accepting(ANN);
        try (TestServer server = new TestServer(TOKENS, scripted)) {
            Answer answer = handshake(server, "/realtime?token=secret%zz");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).doesNotContain("secret");
            assertThat(scripted.seen).isEmpty();
        }
    }

    @Test
    void theAuthenticatorSeesQueryHeadersAndAddress() throws Exception {
        Scripted scripted = Scripted.accepting(ANN);
        try (TestServer server = new TestServer(TOKENS, scripted)) {
            handshake(server, "/realtime?room=7&room=8", "Cookie: a=1", "X-Multi: 1", "x-multi: 2");
            Credentials credentials = seen(scripted);
            assertThat(credentials.query()).containsEntry("room", "7");
            assertThat(credentials.headers()).extractingByKey("cookie").asList().containsExactly("a=1");
            assertThat(credentials.headers())
                    .extractingByKey("x-multi")
                    .asList()
                    .containsExactly("1", "2");
            assertThat(credentials.remoteAddress()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void nothingThatAClientSendsBeforeASlowAuthenticatorAnswersIsLost() throws Exception {
        CompletableFuture<Outcome> later = new CompletableFuture<>();
        Scripted slow = new Scripted(credentials -> later);
        try (TestServer server = new TestServer(TOKENS, slow);
                RawHttp client = new RawHttp(server.port())) {
            ByteArrayOutputStream pipelined = new ByteArrayOutputStream();
            pipelined.write(RawHttp.upgrade("/realtime").getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 100; i++) {
                pipelined.write(RawHttp.frame("in the same packet " + i));
            }
            byte[] cut = RawHttp.frame("cut in two");
            pipelined.write(cut, 0, 5);
            client.write(pipelined.toByteArray());
            seen(slow);
            client.write(Arrays.copyOfRange(cut, 5, cut.length));
            for (int i = 0; i < 100; i++) {
                client.write(RawHttp.frame("while waiting " + i));
            }
            later.complete(new Accepted(ANN));

            assertThat(client.readAnswer(true).status()).isEqualTo(101);
            for (int i = 0; i < 100; i++) {
                assertThat(client.readFrame()).isEqualTo("ann: in the same packet " + i);
            }
            assertThat(client.readFrame()).isEqualTo("ann: cut in two");
            for (int i = 0; i < 100; i++) {
                assertThat(client.readFrame()).isEqualTo("ann: while waiting " + i);
            }
        }
    }

    @Test
    void nothingIsLostWhenTheAnswerRacesWithTheRequest() throws Exception {
        Scripted racing = new Scripted(credentials -> CompletableFuture.supplyAsync(() -> new Accepted(ANN)));
        try (TestServer server = new TestServer(TOKENS, racing)) {
            for (int i = 0; i < 300; i++) {
                try (RawHttp client = new RawHttp(server.port())) {
                    ByteArrayOutputStream pipelined = new ByteArrayOutputStream();
                    pipelined.write(RawHttp.upgrade("/realtime").getBytes(StandardCharsets.UTF_8));
                    pipelined.write(RawHttp.frame("first"));
                    client.write(pipelined.toByteArray());
                    client.write(RawHttp.frame("second"));
                    assertThat(client.readAnswer(true).status()).isEqualTo(101);
                    assertThat(client.readFrame()).isEqualTo("ann: first");
                    assertThat(client.readFrame()).isEqualTo("ann: second");
                }
            }
        }
    }

    @Test
    void framesBehindARefusedHandshakeAreNotTakenForARequest() throws Exception {
        Scripted refusing = new Scripted(credentials -> CompletableFuture.supplyAsync(() -> new Refused(401, "no")));
        try (TestServer server = new TestServer(TOKENS, refusing);
                RawHttp client = new RawHttp(server.port())) {
            ByteArrayOutputStream pipelined = new ByteArrayOutputStream();
            pipelined.write(RawHttp.upgrade("/realtime").getBytes(StandardCharsets.UTF_8));
            pipelined.write(RawHttp.request("GET", "/health/live", "").getBytes(StandardCharsets.UTF_8));
            client.write(pipelined.toByteArray());
            assertThat(client.readAnswer(false).status()).isEqualTo(401);
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void aFailingAuthenticatorIs503() throws Exception {
        Scripted throwing = new Scripted(credentials -> {
            throw new IllegalStateException("database password is hunter2");
        });
        Scripted failing = new Scripted(
                credentials -> CompletableFuture.failedFuture(new IOException("database password is hunter2")));
        for (Scripted scripted : new Scripted[] {throwing, failing}) {
            try (TestServer server = new TestServer(TOKENS, scripted)) {
                Answer answer = handshake(server, "/realtime");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.body()).contains("\"unavailable\"").doesNotContain("hunter2");
            }
        }
    }

    @Test
    void anExpiredTokenIsRefused() throws Exception {
        Identity expired = new Identity("ann", null, Set.of(), Map.of(), true, 1);
        try (TestServer server = new TestServer(TOKENS, Scripted.accepting(expired))) {
            Answer answer = handshake(server, "/realtime");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.body()).contains("token_expired");
            assertThat(RawHttp.send(server.port(), "GET", "/metrics", "").status())
                    .isEqualTo(401);
        }
    }

    @Test
    void admissionHasTheLastWord() throws Exception {
        try (TestServer server = new TestServer(TOKENS, Authenticators.of(TOKENS))) {
            server.full = new Refused(503, "the server is full");
            Answer answer = handshake(server, "/realtime?token=user-token");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).contains("the server is full");
            server.full = null;
            assertThat(handshake(server, "/realtime?token=user-token").status()).isEqualTo(101);
        }
    }

    @Test
    void noMoreThanTheLimitWaitForAnAuthenticatorAtOnce() throws Exception {
        CompletableFuture<Outcome> later = new CompletableFuture<>();
        Scripted slow = new Scripted(credentials -> later);
        try (TestServer server = new TestServer(TOKENS, slow, 1);
                RawHttp waiting = new RawHttp(server.port())) {
            waiting.write(RawHttp.upgrade("/realtime").getBytes(StandardCharsets.UTF_8));
            seen(slow);
            assertThat(handshake(server, "/realtime").status()).isEqualTo(503);
            later.complete(new Accepted(ANN));
            assertThat(waiting.readAnswer(true).status()).isEqualTo(101);
            assertThat(handshake(server, "/realtime").status())
                    .as("the place is free again")
                    .isEqualTo(101);
        }
    }

    @Test
    void aHandshakeThatIsNoneIsAnError() throws Exception {
        try (TestServer server = new TestServer(AuthConfig.NONE, Authenticators.of(AuthConfig.NONE))) {
            assertThat(RawHttp.send(server.port(), "GET", "/realtime", "", "Connection: Upgrade", "Upgrade: websocket")
                            .status())
                    .isBetween(400, 499);
            assertThat(RawHttp.send(server.port(), "GET", "/realtime", "").status())
                    .isEqualTo(426);
            assertThat(handshake(server, "/elsewhere").status()).isEqualTo(404);
            assertThat(handshake(server, "/realtime/").status()).isEqualTo(404);
        }
    }

    @Test
    void withoutAuthenticationTheQueryNamesTheUser() throws Exception {
        try (TestServer server = new TestServer(AuthConfig.NONE, Authenticators.of(AuthConfig.NONE));
                RawHttp client = new RawHttp(server.port())) {
            client.write(RawHttp.upgrade("/realtime?userId=bob").getBytes(StandardCharsets.UTF_8));
            assertThat(client.readAnswer(true).status()).isEqualTo(101);
            client.write(RawHttp.frame("hi"));
            assertThat(client.readFrame()).isEqualTo("bob: hi");
        }
    }

    private static Credentials seen(Scripted scripted) throws InterruptedException {
        return Objects.requireNonNull(scripted.seen.poll(20, TimeUnit.SECONDS), "the authenticator was not asked");
    }

    private static Answer handshake(TestServer server, String target, String... headers) throws IOException {
        try (RawHttp http = new RawHttp(server.port())) {
            http.write(RawHttp.upgrade(target, headers).getBytes(StandardCharsets.UTF_8));
            return http.readAnswer(false);
        }
    }

    private static URI uri(TestServer server, String query) {
        return URI.create("ws://127.0.0.1:" + server.port() + "/realtime" + query);
    }

    private static WebSocket.Listener first(CompletableFuture<String> heard) {
        return new WebSocket.Listener() {
            @Override
            public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                heard.complete(text.toString());
                return null;
            }
        };
    }
}
