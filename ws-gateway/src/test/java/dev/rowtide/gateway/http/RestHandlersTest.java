package dev.rowtide.gateway.http;

import static dev.rowtide.gateway.http.TestServer.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Authenticator.Outcome.Accepted;
import dev.rowtide.gateway.auth.Authenticators;
import dev.rowtide.gateway.http.GatewayQueries.ChannelStats;
import dev.rowtide.gateway.http.GatewayQueries.Stats;
import dev.rowtide.gateway.http.GatewayQueries.UserPage;
import dev.rowtide.gateway.http.RawHttp.Answer;
import dev.rowtide.gateway.http.TestServer.Queries.Said;
import dev.rowtide.gateway.http.TestServer.Scripted;
import dev.rowtide.gateway.presence.OnlineUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RestHandlersTest {
    private static final String SERVICE = "Authorization: Bearer service-token";
    private static final List<String> PROTECTED =
            List.of("/realtime/stats", "/realtime/channel/users?channel=lobby", "/metrics", "/realtime/types.ts");

    private TestServer open;
    private TestServer guarded;

    @BeforeEach
    void start() throws Exception {
        open = new TestServer(AuthConfig.NONE, Authenticators.of(AuthConfig.NONE));
        guarded = new TestServer(TOKENS, Authenticators.of(TOKENS));
    }

    @AfterEach
    void stop() throws Exception {
        open.close();
        guarded.close();
    }

    @Test
    void stats() throws IOException {
        open.queries.stats = CompletableFuture.completedFuture(new Stats(
                5,
                4,
                1234,
                "p1",
                2,
                List.of(
                        new ChannelStats("resource:post", 3, List.of(new OnlineUser("ann", "{\"name\":\"Ann\"}")), 1),
                        new ChannelStats("lobby", 2, null, 0)),
                TestServer.COUNTED));
        long before = System.currentTimeMillis();
        Answer answer = get(open, "/realtime/stats");
        long after = System.currentTimeMillis();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        Matcher timestamp = Pattern.compile("\"timestamp\":(\\d+)").matcher(answer.body());
        assertThat(timestamp.find()).isTrue();
        assertThat(Long.parseLong(timestamp.group(1))).isBetween(before, after);
        assertThat(timestamp.replaceFirst("\"timestamp\":0"))
                .isEqualTo(
                        "{\"connected\":5,\"users\":4,\"uptimeMillis\":1234,\"position\":\"p1\",\"channelCount\":2,"
                                + "\"channels\":[{\"name\":\"resource:post\",\"clients\":3,"
                                + "\"onlineUsers\":[{\"userId\":\"ann\",\"metadata\":{\"name\":\"Ann\"}}],\"onlineCount\":1},"
                                + "{\"name\":\"lobby\",\"clients\":2}],\"timestamp\":0,"
                                + "\"source\":{\"state\":\"flowing\",\"message\":\"changes are flowing\","
                                + "\"database\":\"postgres://ann@db/shop\",\"log\":\"replication slot rowtide\",\"keptLogBytes\":16384,\"lagMillis\":3,\"silentMillis\":120},"
                                + "\"resources\":[{\"name\":\"post\",\"columns\":[\"id\",\"title\"]}],"
                                + "\"counters\":{\"changes\":14,\"messagesIn\":11,\"messagesOut\":12,\"bytesOut\":13,\"fellBehind\":16,\"slowClosed\":15,\"historyBytes\":18}}");
        get(open, "/realtime/stats?channels=7");
        assertThat(open.queries.asked).containsExactly("stats 1000", "stats 7");
        for (String wrong : List.of("-1", "1001", "x", "")) {
            assertThat(get(open, "/realtime/stats?channels=" + wrong).status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void aFileIsForEverybodyAndKeptUntilItIsAnother() throws IOException {
        Answer page = get(guarded, "/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.body()).isEqualTo("<h1>é</h1>");
        assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'");
        assertThat(page.header("ETag")).isNotEqualTo(get(guarded, "/console.js").header("ETag"));
        Answer same = get(guarded, "/", "If-None-Match: " + page.header("ETag"));
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(get(guarded, "/", "If-None-Match: \"another\"").status()).isEqualTo(200);
        assertThat(RawHttp.send(guarded.port(), "POST", "/", "").status()).isEqualTo(405);
        assertThat(RawHttp.send(guarded.port(), "HEAD", "/", "").header("Content-Length"))
                .isEqualTo("11");
    }

    @Test
    void aFileIsNotForPagesOfOtherOriginsOrReboundNames() throws IOException {
        assertThat(get(guarded, "/", "Origin: https://evil.example").status()).isEqualTo(403);
        try (RawHttp http = new RawHttp(open.port())) {
            http.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(http.readAnswer(false).status()).isEqualTo(403);
        }
    }

    @Test
    void channelUsers() throws IOException {
        open.queries.users = CompletableFuture.completedFuture(
                new UserPage(List.of(new OnlineUser("ann", "{}"), new OnlineUser("b\"b", "{\"x\":1}")), 7, "c2"));
        Answer answer = get(open, "/realtime/channel/users?channel=post%3A1%3Aa&limit=2&cursor=c1");
        assertThat(answer.body())
                .isEqualTo("{\"channel\":\"post:1:a\",\"users\":[{\"userId\":\"ann\",\"metadata\":{}},"
                        + "{\"userId\":\"b\\\"b\",\"metadata\":{\"x\":1}}],\"count\":7,\"cursor\":\"c2\"}");
        assertThat(open.queries.asked).containsExactly("users post:1:a 2 c1");
    }

    @Test
    void channelUsersWithWrongParameters() throws IOException {
        for (String query :
                List.of("", "?channel=", "?channel=a&limit=0", "?channel=a&limit=1001", "?channel=a&limit=x")) {
            assertThat(get(open, "/realtime/channel/users" + query).status())
                    .as(query)
                    .isEqualTo(400);
        }
        open.queries.users = CompletableFuture.failedFuture(new IllegalArgumentException("cursor is not one"));
        Answer answer = get(open, "/realtime/channel/users?channel=a&cursor=!");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("cursor is not one");
    }

    @Test
    void broadcast() throws IOException {
        Answer answer =
                post(open, "{\"channel\":\"lobby\",\"payload\":{\"n\":1.10,\n\"t\":\"é\\n\"}, \"userId\":\"bob\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"success\":true,\"channel\":\"lobby\",\"clients\":3}");
        assertThat(open.queries.said)
                .containsExactly(new Said(new Channel("lobby"), "{\"n\":1.10, \"t\":\"é\\n\"}", "bob"));
    }

    @Test
    void broadcastTakesEveryJsonValueAsItIs() throws IOException {
        for (String payload : List.of(
                "0",
                "-1.50e+300",
                "12345678901234567890.10",
                "false",
                "true",
                "null",
                "\"\"",
                "\"a\\u0000\\ud83d\"",
                "[]",
                "[ 1 ,[]]",
                "{}",
                "{\"a\":{}}")) {
            assertThat(post(open, "{\"payload\":" + payload + ",\"channel\":\"lobby\"}")
                            .status())
                    .as(payload)
                    .isEqualTo(200);
            assertThat(post(open, "{\"channel\":\"lobby\",\"payload\": " + payload + " }")
                            .status())
                    .as(payload)
                    .isEqualTo(200);
            for (int i = 0; i < 2; i++) {
                assertThat(open.queries.said.poll()).isEqualTo(new Said(new Channel("lobby"), payload, null));
            }
        }
    }

    @Test
    void broadcastNeverGoesWhereChangesGo() throws IOException {
        for (String channel :
                List.of("resource:post", "resource:unknown", "resource:", "post:1", "post:", "post:a:b")) {
            Answer answer = post(open, "{\"channel\":\"" + channel + "\",\"payload\":1}");
            assertThat(answer.status()).as(channel).isEqualTo(403);
            assertThat(answer.body()).contains("\"forbidden\"").contains(channel);
        }
        assertThat(open.queries.said).isEmpty();
        for (String channel : List.of("post", "posts:1", "lobby:post:1", "Resource:post")) {
            assertThat(post(open, "{\"channel\":\"" + channel + "\",\"payload\":1}")
                            .status())
                    .as(channel)
                    .isEqualTo(200);
        }
    }

    @Test
    void broadcastIsPutOffWhileNobodyKnowsWhichChannelsAreRecords() throws IOException {
        open.resourcesKnown = false;
        open.health = new SourceHealth(SourceHealth.State.STARTING, "connecting");
        assertThat(post(open, "{\"channel\":\"post:1\",\"payload\":1}").status())
                .isEqualTo(503);
        assertThat(post(open, "{\"channel\":\"resource:post\",\"payload\":1}").status())
                .isEqualTo(403);
        assertThat(post(open, "{\"channel\":\"lobby\",\"payload\":1}").status()).isEqualTo(200);
        open.health = new SourceHealth(SourceHealth.State.FLOWING, "no tables");
        assertThat(post(open, "{\"channel\":\"post:1\",\"payload\":1}").status())
                .isEqualTo(200);
    }

    @Test
    void broadcastWithABadBodyIs400() throws IOException {
        for (String body : List.of(
                "",
                "x",
                "[]",
                "1",
                "{",
                "{\"channel\":\"a\"}",
                "{\"payload\":1}",
                "{\"channel\":1,\"payload\":1}",
                "{\"channel\":\"\",\"payload\":1}",
                "{\"channel\":\"a\\u0007\",\"payload\":1}",
                "{\"channel\":\"" + "a".repeat(256) + "\",\"payload\":1}",
                "{\"channel\":\"a\",\"payload\":1,\"userId\":\"\"}",
                "{\"channel\":\"a\",\"channel\":\"b\",\"payload\":1}",
                "{\"channel\":\"a\",\"payload\":1} {}",
                "{\"channel\":\"a\",\"payload\":1}x",
                "{\"channel\":\"a\",\"payload\":01}",
                "{\"channel\":\"a\",\"payload\":NaN}",
                "{\"channel\":\"a\",\"payload\":tru}",
                "{\"channel\":\"a\",\"payload\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}")) {
            Answer answer = post(open, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"bad_");
        }
        assertThat(open.queries.said).isEmpty();
    }

    @Test
    void broadcastThatIsNotUtf8Is400() throws IOException {
        try (RawHttp http = new RawHttp(open.port())) {
            http.write(
                    "POST /realtime/broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 29\r\n\r\n{\"channel\":\"a\",\"payload\":\"\u00ff\"} "
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(http.readAnswer(false).status()).isEqualTo(400);
        }
        assertThat(open.queries.said).isEmpty();
    }

    @Test
    void aBodyThatComesInPiecesIsReadWhole() throws IOException {
        try (RawHttp http = new RawHttp(open.port())) {
            http.write("POST /realtime/broadcast HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.UTF_8));
            for (char c : "{\"channel\":\"a\",\"payload\":[1,2]}".toCharArray()) {
                http.write(("1\r\n" + c + "\r\n").getBytes(StandardCharsets.UTF_8));
            }
            http.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(http.readAnswer(false).status()).isEqualTo(200);
        }
        assertThat(open.queries.said).containsExactly(new Said(new Channel("a"), "[1,2]", null));
    }

    @Test
    void broadcastOverTheLimitIs413() throws IOException {
        String body = "{\"channel\":\"a\",\"payload\":\"" + "x".repeat(64 * 1024) + "\"}";
        assertThat(post(open, body).status()).isEqualTo(413);
        try (RawHttp http = new RawHttp(open.port())) {
            // Chunked, so that no length says it beforehand.
            String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
            http.write(("POST /realtime/broadcast HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + chunk)
                    .getBytes(StandardCharsets.UTF_8));
            Answer answer = http.readAnswer(false);
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).contains("too_large");
        }
    }

    @Test
    void healthNeedsNoCredentials() throws IOException {
        assertThat(get(guarded, "/health/live").body()).isEqualTo("{\"status\":\"live\"}");
        assertThat(get(guarded, "/health/ready").body())
                .isEqualTo(
                        "{\"status\":\"ready\",\"source\":{\"state\":\"flowing\",\"message\":\"changes are flowing\"}}");
        guarded.health = new SourceHealth(SourceHealth.State.RETRYING, "PostgreSQL does not answer");
        Answer answer = get(guarded, "/health/ready");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"status\":\"unavailable\",\"source\":{\"state\":\"retrying\",\"message\":\"PostgreSQL does not answer\"}}");
    }

    @Test
    void metrics() throws IOException {
        Answer answer = get(open, "/metrics");
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(answer.body()).isEqualTo("up 1\n");
    }

    @Test
    void types() throws IOException {
        Answer answer = get(open, "/realtime/types.ts");
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.body()).isEqualTo("export type Schema = {};\n");
    }

    @Test
    void typesOfADatabaseThatCannotBeAskedAreUnavailable() throws IOException {
        open.types = () -> {
            throw new IOException("nothing listens at db:5432");
        };
        Answer answer = get(open, "/realtime/types.ts");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"unavailable\"", "nothing listens at db:5432");
        open.types = () -> "again";
        assertThat(get(open, "/realtime/types.ts").body()).isEqualTo("again");
    }

    @Test
    void typesAreReadForOneRequestAtATime() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        open.types = () -> {
            reading.countDown();
            try {
                answered.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return "slow";
        };
        CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> {
            try {
                return get(open, "/realtime/types.ts");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        reading.await();
        assertThat(get(open, "/realtime/types.ts").status()).isEqualTo(503);
        answered.countDown();
        assertThat(first.get().body()).isEqualTo("slow");
    }

    @Test
    void onlyAServiceSeesAnythingAndTheHubIsNotEvenAsked() throws IOException {
        for (String target : PROTECTED) {
            assertThat(get(guarded, target).status()).as(target).isEqualTo(401);
            assertThat(get(guarded, target, "Authorization: Bearer wrong").status())
                    .isEqualTo(401);
            Answer user = get(guarded, target, "Authorization: Bearer user-token");
            assertThat(user.status()).isEqualTo(403);
            assertThat(user.body()).contains("service");
        }
        String body = "{\"channel\":\"lobby\",\"payload\":1}";
        assertThat(post(guarded, body).status()).isEqualTo(401);
        assertThat(post(guarded, body, "Authorization: Bearer user-token").status())
                .isEqualTo(403);
        assertThat(guarded.queries.asked).isEmpty();
        assertThat(guarded.queries.said).isEmpty();

        for (String target : PROTECTED) {
            assertThat(get(guarded, target, SERVICE).status()).as(target).isEqualTo(200);
        }
        assertThat(post(guarded, body, SERVICE).status()).isEqualTo(200);
        assertThat(get(guarded, "/realtime/stats?token=service-token").status()).isEqualTo(200);
    }

    @Test
    void aSlowAuthenticatorIsWaitedFor() throws Exception {
        Scripted slow =
                new Scripted(credentials -> CompletableFuture.supplyAsync(() -> new Accepted(TestServer.BACKEND)));
        try (TestServer server = new TestServer(TOKENS, slow)) {
            assertThat(post(server, "{\"channel\":\"lobby\",\"payload\":1}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatIsNotThereIs404AndWhatIsNotMeantIs405() throws IOException {
        Answer nothing = get(guarded, "/realtime/nothing");
        assertThat(nothing.status()).isEqualTo(404);
        assertThat(nothing.body()).startsWith("{\"error\":{\"code\":\"not_found\"");
        for (String target : List.of("/index.html", "/realtime/stats/", "/realtime/stats/x", "/health", "/METRICS")) {
            assertThat(get(guarded, target).status()).as(target).isEqualTo(404);
        }
        Answer wrong = RawHttp.send(guarded.port(), "DELETE", "/realtime/stats", "");
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(wrong.body()).startsWith("{\"error\":{\"code\":\"method_not_allowed\"");
        Answer get = get(guarded, "/realtime/broadcast", SERVICE);
        assertThat(get.status()).isEqualTo(405);
        assertThat(get.header("Allow")).isEqualTo("POST, OPTIONS");
    }

    @Test
    void headIsGetWithoutTheBody() throws IOException {
        Answer head = RawHttp.send(open.port(), "HEAD", "/health/live", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("17");
        try (RawHttp http = new RawHttp(open.port())) {
            http.write((RawHttp.request("HEAD", "/metrics", "") + RawHttp.request("GET", "/health/live", ""))
                    .getBytes(StandardCharsets.UTF_8));
            http.readAnswer(true);
            assertThat(http.readAnswer(false).body()).isEqualTo("{\"status\":\"live\"}");
        }
    }

    @Test
    void everyAnswerHasTheHeadersAgainstSniffingAndCaching() throws IOException {
        for (Answer answer : List.of(
                get(guarded, "/health/live"),
                get(guarded, "/realtime/stats"),
                get(guarded, "/nothing"),
                get(guarded, "/metrics", SERVICE),
                get(guarded, "/health/live", "Origin: https://evil.example"))) {
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        }
    }

    @Test
    void onlyPagesOfAllowedOriginsMayReadAnswers() throws IOException {
        Answer shared = get(guarded, "/realtime/stats", SERVICE, "Origin: https://app.example.com");
        assertThat(shared.status()).isEqualTo(200);
        assertThat(shared.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
        assertThat(shared.header("Vary")).isEqualTo("Origin");
        assertThat(get(guarded, "/health/live").header("Access-Control-Allow-Origin"))
                .isEmpty();
        assertThat(get(open, "/health/live", "Origin: http://localhost:5173").header("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    @Test
    void preflightsAreAnsweredForAllowedOrigins() throws IOException {
        Answer preflight = RawHttp.send(
                guarded.port(),
                "OPTIONS",
                "/realtime/broadcast",
                "",
                "Origin: https://app.example.com",
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization, content-type");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
        assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("Authorization, Content-Type");
        assertThat(guarded.queries.said).isEmpty();

        Answer foreign =
                RawHttp.send(guarded.port(), "OPTIONS", "/realtime/broadcast", "", "Origin: https://evil.example");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.header("Access-Control-Allow-Origin")).isEmpty();
        Answer plain = RawHttp.send(guarded.port(), "OPTIONS", "/realtime/broadcast", "");
        assertThat(plain.header("Allow")).isEqualTo("POST, OPTIONS");
        assertThat(plain.header("Access-Control-Allow-Methods")).isEmpty();
    }

    @Test
    void aHubThatDoesNotAnswerIs503() throws IOException {
        open.queries.stats = new CompletableFuture<>();
        Answer answer = get(open, "/realtime/stats");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"unavailable\"");
    }

    @Test
    void aFaultIs500AndSaysNothingOfItsCause() throws IOException {
        open.queries.stats = CompletableFuture.failedFuture(new IllegalStateException("secret detail"));
        Answer failed = get(open, "/realtime/stats");
        open.metrics = () -> {
            throw new IllegalStateException("secret detail");
        };
        Answer thrown = get(open, "/metrics");
        guarded.metrics = open.metrics;
        Answer thrownBehindAuthentication = get(guarded, "/metrics", SERVICE);
        for (Answer answer : List.of(failed, thrown, thrownBehindAuthentication)) {
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).contains("\"internal\"").doesNotContain("secret");
        }
    }

    private static Answer get(TestServer server, String target, String... headers) throws IOException {
        return RawHttp.send(server.port(), "GET", target, "", headers);
    }

    private static Answer post(TestServer server, String body, String... headers) throws IOException {
        return RawHttp.send(server.port(), "POST", "/realtime/broadcast", body, headers);
    }
}
