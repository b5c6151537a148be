package dev.rowtide.gateway;

import static dev.rowtide.gateway.RawPeer.FIN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a client sends, it is told what is wrong, and it can go on as long as its frames can be trusted. */
class BadInputTest {
    private static TestGateway server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestGateway();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    hello                                                                          | bad_message
                    ``                                                                             | bad_message
                    [1]                                                                            | bad_message
                    null                                                                           | bad_message
                    {                                                                              | bad_message
                    {} {}                                                                          | bad_message
                    {}                                                                             | bad_message
                    {"type":7}                                                                     | bad_message
                    {"type":"fly"}                                                                 | unknown_type
                    {"type":"\\ud800"}                                                             | unknown_type
                    {"type":"subscribe"}                                                           | bad_message
                    {"type":"subscribe","channel":["a"]}                                           | bad_message
                    {"type":"subscribe","channel":""}                                              | bad_channel
                    {"type":"subscribe","channel":"a\\nb"}                                         | bad_channel
                    {"type":"subscribe","channel":"a\\ud800"}                                      | bad_channel
                    {"type":"subscribe","channel":"resource:nothing"}                              | bad_channel
                    {"type":"subscribe","channel":"resource:"}                                     | bad_channel
                    {"type":"subscribe","channel":"a","payload":[]}                                | bad_message
                    {"type":"subscribe","channel":"a","payload":{"operations":[]}}                 | bad_message
                    {"type":"subscribe","channel":"a","payload":{"operations":["upsert"]}}         | bad_message
                    {"type":"subscribe","channel":"a","payload":{"operations":"create"}}           | bad_message
                    {"type":"subscribe","channel":"a","payload":{"presence":"some"}}               | bad_message
                    {"type":"subscribe","channel":"a","payload":{"metadata":[1]}}                  | bad_message
                    {"type":"subscribe","channel":"a","payload":{"filter":{"a":1}}}                | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"filter":[]}}         | bad_filter
                    {"type":"subscribe","channel":"resource:post","payload":{"filter":{"titel":1}}} | bad_filter
                    {"type":"subscribe","channel":"resource:post","payload":{"filter":{"title":1}}} | bad_filter
                    {"type":"subscribe","channel":"resource:post","payload":{"filter":{"title":{"is":"a"}}}} | bad_filter
                    {"type":"subscribe","channel":"post:1","payload":{"filter":{"id":"one"}}}      | bad_filter
                    {"type":"subscribe","channel":"resource:post","payload":{"columns":["titel"]}} | bad_filter
                    {"type":"subscribe","channel":"resource:post","payload":{"columns":[]}}        | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"columns":[1]}}       | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"columns":"id"}}      | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"snapshot":1}}        | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"conflate":1}}        | bad_message
                    {"type":"subscribe","channel":"resource:post","payload":{"conflate":"250"}}    | bad_message
                    {"type":"subscribe","channel":"a","payload":{"conflate":250}}                  | bad_message
                    {"type":"subscribe","channel":"a","payload":{"since":"x-1-1"}}                 | unknown_position
                    {"type":"subscribe","channel":"a","payload":{"snapshot":true}}                 | bad_message
                    {"type":"subscribe","channel":"a","payload":{"columns":["id"]}}                | bad_message
                    {"type":"broadcast","channel":"resource:post","payload":1}                     | forbidden
                    {"type":"broadcast","channel":"resource:nothing","payload":1}                  | forbidden
                    {"type":"broadcast","channel":"post:1","payload":1}                            | forbidden
                    {"type":"broadcast","channel":"a","payload":1,"self":"yes"}                    | bad_message
                    {"type":"broadcast","channel":"a","payload":NaN}                               | bad_message
                    {"type":"presence_update","channel":"nobody","payload":{"metadata":{}}}        | not_subscribed
                    {"type":"presence_update","channel":"a"}                                       | bad_message
                    {"type":"auth"}                                                                | bad_message
                    {"type":"auth","payload":{"token":7}}                                          | bad_message
                    """)
    void isAnsweredWithAnErrorAndTheConnectionGoesOn(String message, String code) {
        try (TestClient client = server.client("a")) {
            client.socket().sendText(message, true).join();
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo(code);
            assertThat(error.at("/payload/message").asText()).hasSizeGreaterThan(15);
            client.send("{'type':'subscribe','channel':'lobby','payload':{'presence':'none'}}");
            client.expect("subscribed");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"type":"fly","id":7}                              | 7        |
                    {"id":"s\\u0041","type":7}                         | "s\\u0041" |
                    {"type":"subscribe","id":-1.50,"channel":"resource:nothing"} | -1.50 | resource:nothing
                    {"type":"subscribe","channel":"a","payload":{"filter":{}},"id":true} | true | a
                    """)
    void errorsCarryTheIdAsGivenAndTheChannel(String message, String id, String channel) throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            peer.sendText(message);
            String error = peer.readText();
            assertThat(error).contains("\"id\":" + id + ",");
            JsonNode json = TestClient.JSON.readTree(error);
            assertThat(json.path("channel").asText(null)).isEqualTo(channel);
        }
    }

    @Test
    void anIdMustBeAScalarAndShort() {
        try (TestClient client = server.client("a")) {
            for (String id : new String[] {"{}", "[1]", '"' + "x".repeat(300) + '"'}) {
                client.send("{'type':'heartbeat','id':" + id + "}");
                assertThat(client.expect("error").at("/payload/code").asText()).isEqualTo("bad_message");
            }
        }
    }

    @Test
    void aMegabyteOfNameIsDiscardedAndTheConnectionGoesOn() {
        try (TestClient client = server.client("a")) {
            client.send("{'type':'subscribe','channel':'" + "x".repeat(1_000_000) + "'}");
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("too_large");
            assertThat(error.at("/payload/message").asText()).contains("65536");
            client.send("{'type':'subscribe','channel':'" + "x".repeat(1_000) + "'}");
            error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("bad_channel");
            assertThat(error.has("channel")).isFalse();
            client.subscribe("lobby");
        }
    }

    @Test
    void whatIsNestedTooDeeplyIsRefused() {
        try (TestClient client = server.client("a")) {
            client.send("{'type':'broadcast','channel':'a','payload':" + "[".repeat(30_000) + "]".repeat(30_000) + "}");
            JsonNode error = client.expect("error");
            assertThat(error.at("/payload/code").asText()).isEqualTo("bad_message");
            assertThat(error.at("/payload/message").asText()).contains("64 levels");
            client.send("{'type':'broadcast','id':1,'channel':'a','payload':" + "[".repeat(60) + "]".repeat(60) + "}");
            client.expect("ack");
        }
    }

    @Test
    void fragmentsAreOneMessage() throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            byte[] message = "{\"type\":\"heartbeat\",\"id\":\"ä€😀\"}".getBytes(StandardCharsets.UTF_8);
            peer.send(RawPeer.TEXT, Arrays.copyOfRange(message, 0, 1));
            for (int i = 1; i < message.length - 1; i++) {
                peer.send(RawPeer.CONTINUATION, new byte[] {message[i]});
                if (i == 5) {
                    peer.send(FIN | RawPeer.PING, new byte[] {42});
                    RawPeer.Frame pong = peer.read();
                    assertThat(pong.opcode()).isEqualTo(RawPeer.PONG);
                    assertThat(pong.payload()).containsExactly(42);
                }
            }
            peer.send(FIN | RawPeer.CONTINUATION, new byte[] {message[message.length - 1]});
            assertThat(peer.readText()).contains("\"heartbeat\"").contains("\"ä€😀\"");
        }
    }

    @Test
    void manyMessagesInOneSegmentAreAnsweredInOrder() throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
            for (int i = 0; i < 100; i++) {
                all.writeBytes(RawPeer.frame(
                        FIN | RawPeer.TEXT,
                        ("{\"type\":\"heartbeat\",\"id\":" + i + "}").getBytes(StandardCharsets.UTF_8)));
            }
            peer.sendRaw(all.toByteArray());
            for (int i = 0; i < 100; i++) {
                assertThat(peer.readText()).contains("\"id\":" + i + ",");
            }
        }
    }

    @Test
    void aBinaryMessageIsAnsweredAndTheConnectionGoesOn() throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            peer.send(FIN | RawPeer.BINARY, new byte[] {1, 2, 3});
            assertThat(peer.readText()).contains("bad_message").contains("binary");
            peer.sendText("{'type':'heartbeat'}");
            assertThat(peer.readText()).contains("heartbeat");
        }
    }

    @Test
    void textThatIsNotUtf8Closes() throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            peer.send(FIN | RawPeer.TEXT, new byte[] {'{', (byte) 0xC3, (byte) 0x28, '}'});
            assertThat(peer.readToClose()).isEqualTo(1007);
        }
    }

    @Test
    void framesThatCannotBeTrustedClose() throws Exception {
        try (RawPeer reserved = new RawPeer(server.gateway.port());
                RawPeer unmasked = new RawPeer(server.gateway.port());
                RawPeer outOfOrder = new RawPeer(server.gateway.port());
                RawPeer unknown = new RawPeer(server.gateway.port())) {
            reserved.send(FIN | RawPeer.RSV1 | RawPeer.TEXT, new byte[] {'{', '}'});
            assertThat(reserved.readToClose()).isEqualTo(1002);
            unmasked.sendRaw(new byte[] {(byte) 0x81, 2, '{', '}'});
            assertThat(unmasked.readToClose()).isEqualTo(1002);
            outOfOrder.send(FIN | RawPeer.CONTINUATION, new byte[] {'{', '}'});
            assertThat(outOfOrder.readToClose()).isEqualTo(1002);
            unknown.send(FIN | 5, new byte[] {'{', '}'});
            assertThat(unknown.readToClose()).isEqualTo(1002);
        }
    }

    @Test
    void aFrameFarOverTheLimitCloses() throws Exception {
        try (RawPeer peer = new RawPeer(server.gateway.port())) {
            // Announces 2 GB; sends until it is told to stop.
            peer.sendRaw(new byte[] {
                (byte) 0x81, (byte) 0xFF, 0, 0, 0, 0, 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0, 0, 0
            });
            byte[] chunk = new byte[64 * 1024];
            Arrays.fill(chunk, (byte) 'x');
            try {
                for (int i = 0; i < 100; i++) {
                    peer.sendRaw(chunk);
                }
            } catch (java.io.IOException e) {
                // Closed while sending: what is asked for.
            }
            assertThat(peer.readToClose()).isIn(1009, 1006);
        }
    }

    @Test
    void permessageDeflateIsNotNegotiatedAndTheSubprotocolIs() throws Exception {
        try (RawPeer peer = new RawPeer(
                server.gateway.port(),
                0,
                "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: rowtide, bearer.secret\r\n")) {
            assertThat(peer.responseHead).startsWith("HTTP/1.1 101");
            assertThat(peer.responseHead.toLowerCase(java.util.Locale.ROOT))
                    .doesNotContain("deflate")
                    .contains("sec-websocket-protocol: rowtide\r\n")
                    .doesNotContain("secret");
        }
    }
}
