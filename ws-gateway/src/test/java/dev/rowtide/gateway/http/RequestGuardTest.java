package dev.rowtide.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.AuthConfig.Mode;
import dev.rowtide.gateway.http.RawHttp.Answer;
import dev.rowtide.gateway.http.TestServer.Scripted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pages may come in, for WebSockets and for REST alike: {@code -} in a table is a header that is not sent. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RequestGuardTest {
    private TestServer open;
    private TestServer remote;
    private TestServer tokens;
    private TestServer any;

    @BeforeAll
    void start() throws Exception {
        open = server(Mode.NONE, false, Set.of("https://app.example.com"), Set.of("dev.internal"));
        remote = server(Mode.NONE, true, Set.of(), Set.of("rowtide"));
        tokens = server(Mode.TOKENS, false, Set.of("https://app.example.com", "capacitor://localhost"), Set.of());
        any = server(Mode.NONE, false, Set.of("*"), Set.of());
    }

    @AfterAll
    void stop() throws Exception {
        for (TestServer server : List.of(open, remote, tokens, any)) {
            server.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Not a page.
        "localhost, -, true",
        "localhost:3001, -, true",
        "127.0.0.1:3001, -, true",
        "127.8.9.10, -, true",
        "[::1]:3001, -, true",
        "LOCALHOST:3001, -, true",
        "localhost.:3001, -, true",
        "app.localhost:3001, -, true",
        "dev.internal:3001, -, true",
        "DEV.internal, -, true",
        // A name that an attacker points at 127.0.0.1.
        "evil.example:3001, -, false",
        "evil.example:3001, http://evil.example:3001, false",
        "127.0.0.1.evil.example, -, false",
        "127.evil.example, -, false",
        "localhost.evil.example, -, false",
        "notlocalhost, -, false",
        "sub.dev.internal, -, false",
        "192.168.1.5:3001, -, false",
        "[fe80::1], -, false",
        // Pages.
        "localhost:3001, http://localhost:3001, true",
        "localhost:3001, http://localhost:5173, true",
        "localhost:3001, http://127.0.0.1:5173, true",
        "127.0.0.1:3001, https://[::1]:8443, true",
        "dev.internal:3001, http://dev.internal, true",
        "localhost:3001, https://app.example.com, true",
        "localhost:3001, HTTPS://APP.example.com:443, true",
        "localhost:3001, https://evil.example, false",
        "localhost:3001, http://app.example.com, false",
        "localhost:3001, https://app.example.com:8443, false",
        "localhost:3001, https://app.example.com.evil.example, false",
        "localhost:3001, http://localhost.evil.example, false",
        "localhost:3001, http://localhost@evil.example, false",
        "localhost:3001, null, false",
        "localhost:3001, file://, false",
        "localhost:3001, chrome-extension://localhost, false",
        "localhost:3001, nonsense, false",
    })
    void withoutAuthentication(String host, String origin, boolean in) throws IOException {
        check(open, host, origin, in);
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.5:3001, -, true",
        "[fe80::1]:3001, -, true",
        "192.168.1.5:3001, http://192.168.1.5:3001, true",
        "192.168.1.5:3001, http://192.168.1.6, false",
        "rowtide:3001, -, true",
        "evil.example, -, false",
        "localhost, -, true",
    })
    void withoutAuthenticationButForOtherMachines(String host, String origin, boolean in) throws IOException {
        check(remote, host, origin, in);
    }

    @ParameterizedTest
    @CsvSource({
        "rt.example.com, -, true",
        "rt.example.com, https://rt.example.com, true",
        "rt.example.com:3001, https://rt.example.com, true",
        "rt.example.com, https://app.example.com, true",
        "rt.example.com, capacitor://localhost, true",
        "rt.example.com, http://localhost:5173, false",
        "rt.example.com, https://evil.example, false",
        "rt.example.com, https://evilrt.example.com, false",
        "rt.example.com, null, false",
    })
    void withTokens(String host, String origin, boolean in) throws IOException {
        check(tokens, host, origin, in);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, https://evil.example, true",
        "localhost, null, true",
        "evil.example, https://evil.example, false",
    })
    void aStarLetsInAllPagesButNoNameThatIsRebound(String host, String origin, boolean in) throws IOException {
        check(any, host, origin, in);
    }

    @Test
    void theRefusalSaysWhichKeyToSet() throws IOException {
        Answer origin = RawHttp.send(
                open.port(), "GET", "/realtime/stats", "", "Host: localhost", "Origin: https://evil.example");
        assertThat(origin.body()).contains("https://evil.example").contains("auth.allowed-origins");
        Answer host = RawHttp.send(open.port(), "GET", "/realtime/stats", "", "Host: evil.example");
        assertThat(host.body()).contains("evil.example").contains("auth.allowed-hosts");
    }

    @Test
    void whoSendsTwoOriginsIsRefused() throws IOException {
        Answer answer = RawHttp.send(
                open.port(),
                "GET",
                "/health/live",
                "",
                "Host: localhost",
                "Origin: http://localhost",
                "Origin: https://evil.example");
        assertThat(answer.status()).isEqualTo(403);
    }

    private static void check(TestServer server, String host, String origin, boolean in) throws IOException {
        List<String> headers = new ArrayList<>(List.of("Host: " + host));
        if (!origin.equals("-")) {
            headers.add("Origin: " + origin);
        }
        String[] array = headers.toArray(String[]::new);
        for (String target : List.of("/health/live", "/realtime/stats", "/metrics")) {
            assertThat(RawHttp.send(server.port(), "GET", target, "", array).status())
                    .as(target)
                    .isEqualTo(in ? 200 : 403);
        }
        try (RawHttp http = new RawHttp(server.port())) {
            http.write(RawHttp.upgrade("/realtime", array).getBytes(StandardCharsets.UTF_8));
            assertThat(http.readAnswer(false).status()).as("upgrade").isEqualTo(in ? 101 : 403);
        }
    }

    private static TestServer server(Mode mode, boolean allowRemote, Set<String> origins, Set<String> hosts)
            throws Exception {
        AuthConfig config = new AuthConfig(mode, allowRemote, origins, hosts, List.of(), null, Map.of(), List.of());
        return new TestServer(config, Scripted.accepting(TestServer.BACKEND));
    }
}
