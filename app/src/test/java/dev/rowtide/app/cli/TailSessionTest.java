package dev.rowtide.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.feed.Position;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What {@code tail} makes of each message, without a network. */
class TailSessionTest {
    private static final String FIRST = change("mvx3k2p1a7f3c-a-1");
    private static final String SECOND = change("mvx3k2p1a7f3c-10-1");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();
    private final Map<String, Position> newest = new ConcurrentHashMap<>();

    private static String change(String position) {
        return "{\"type\":\"data_change\",\"channel\":\"resource:post\",\"payload\":{\"position\":\"" + position
                + "\"}}";
    }

    private TailSession session(OutputStream to, boolean raw) {
        return new TailSession(List.of("resource:post"), newest, new LineOutput(to, raw), new PrintWriter(err, true));
    }

    private static TailSession.End end(TailSession session) {
        return session.end().getNow(null);
    }

    private static void take(TailSession session, String... messages) {
        for (String message : messages) {
            session.onText(new SilentSocket(), message, true);
        }
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aChangeThatIsSentAgainAfterARestartIsPrintedOnce() {
        take(session(out, false), FIRST, SECOND);
        take(session(out, false), FIRST, SECOND);

        assertThat(printed()).isEqualTo(FIRST + "\n" + SECOND + "\n");
    }

    @Test
    void rawPrintsWhateverComes() {
        String heartbeat = "{\"type\":\"heartbeat\"}";
        take(session(out, true), FIRST, FIRST, heartbeat);

        assertThat(printed()).isEqualTo(FIRST + "\n" + FIRST + "\n" + heartbeat + "\n");
    }

    @Test
    void aMessageInPiecesIsOneLine() {
        TailSession session = session(out, false);
        session.onText(new SilentSocket(), FIRST.substring(0, 10), false);
        session.onText(new SilentSocket(), FIRST.substring(10), true);

        assertThat(printed()).isEqualTo(FIRST + "\n");
    }

    @Test
    void aRefusedChannelEndsIt() {
        TailSession session = session(out, false);
        take(
                session,
                "{\"type\":\"error\",\"id\":0,\"payload\":{\"code\":\"forbidden\",\"message\":\"not for you\"}}",
                FIRST);

        assertThat(end(session))
                .isEqualTo(new TailSession.End.Refused("resource:post is refused, forbidden: not for you"));
        assertThat(printed()).isEmpty();
    }

    @Test
    void theCloseCodeTellsWhetherToComeBack() {
        TailSession draining = session(out, false);
        take(draining, "{\"type\":\"closing\",\"payload\":{\"code\":4001,\"reconnectIn\":1200}}");
        draining.onClose(new SilentSocket(), 4001, "stopping");
        TailSession denied = session(out, false);
        denied.onClose(new SilentSocket(), 4507, "denied");

        assertThat(end(draining))
                .isEqualTo(new TailSession.End.Lost("the bridge closed the connection (4001: stopping)", 1200));
        assertThat(end(denied))
                .isEqualTo(new TailSession.End.Refused("the bridge closed the connection (4507: denied)"));
    }

    @Test
    void nobodyWhoReadsIsNoFailure() {
        TailSession session = session(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                false);
        take(session, FIRST);

        assertThat(end(session)).isEqualTo(new TailSession.End.OutputClosed());
    }

    @Test
    void whatIsNotTheProtocolEndsIt() {
        TailSession session = session(out, false);
        take(session, "hello");

        assertThat(end(session)).isInstanceOf(TailSession.End.Refused.class);
    }

    /** A socket on which nothing is sent. */
    private static final class SilentSocket implements WebSocket {
        @Override
        public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public void request(long n) {}

        @Override
        public String getSubprotocol() {
            return "";
        }

        @Override
        public boolean isOutputClosed() {
            return false;
        }

        @Override
        public boolean isInputClosed() {
            return false;
        }

        @Override
        public void abort() {}
    }
}
