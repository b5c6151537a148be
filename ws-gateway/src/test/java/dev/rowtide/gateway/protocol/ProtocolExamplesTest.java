package dev.rowtide.gateway.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.presence.OnlineUser;
import dev.rowtide.gateway.view.Rendering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in {@code docs/protocol} are what is understood and what is written; there is no example without a line here, and no line without one. */
class ProtocolExamplesTest {
    private static final Path EXAMPLES = Path.of("..", "docs", "protocol");
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final long NOW = 1_790_000_000_000L;
    private static final RowShape POST = new RowShape(List.of("id", "title", "body", "votes", "deleted_at"));
    private static final OnlineUser ANN = new OnlineUser("ann", "{\"name\":\"Ann\"}");
    private static final OnlineUser BOB = new OnlineUser("bob", "{}");

    private static final Map<String, ClientMessage> CLIENT = new TreeMap<>(Map.of(
            "client-subscribe",
            new ClientMessage.Subscribe(
                    new Channel("resource:post"),
                    "7",
                    at("16b3748-2"),
                    true,
                    RowFilter.and(List.of(
                            RowFilter.compare("status", Operator.EQ, new FilterValue.Text("open")),
                            RowFilter.compare("priority", Operator.GTE, new FilterValue.Number(3)))),
                    List.of("id", "title"),
                    EnumSet.allOf(Operation.class),
                    250,
                    PresenceMode.DIFF,
                    "{ \"name\": \"Ann\" }"),
            "client-subscribe-minimal",
            new ClientMessage.Subscribe(
                    new Channel("post:post-123"),
                    null,
                    null,
                    false,
                    RowFilter.ALL,
                    List.of(),
                    EnumSet.allOf(Operation.class),
                    0,
                    PresenceMode.FULL,
                    null),
            "client-unsubscribe",
            new ClientMessage.Unsubscribe(new Channel("resource:post"), "8"),
            "client-broadcast",
            new ClientMessage.Broadcast(
                    new Channel("notifications"), "9", "{ \"text\": \"Lunch is ready\", \"urgent\": false }", true),
            "client-presence-update",
            new ClientMessage.PresenceUpdate(new Channel("doc:42"), "10", "{ \"cursor\": 17 }"),
            "client-heartbeat",
            new ClientMessage.Heartbeat(null),
            "client-auth",
            new ClientMessage.Auth("11", "a-new-token-of-the-same-user")));

    private static final FrameBatch FRAMES = new FrameBatch();
    private static final MessageEncoder ENCODER = new MessageEncoder();

    private static final Map<String, ToIntFunction<MessageEncoder>> SERVER = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "server-subscribed",
                    e -> e.subscribed(
                            FRAMES,
                            "resource:post",
                            "7",
                            at("16b3748-2"),
                            new MessageEncoder.Recovery(true, 2),
                            List.of(ANN, BOB),
                            2,
                            NOW)),
            Map.entry(
                    "server-subscribed-minimal",
                    e -> e.subscribed(FRAMES, "post:post-123", null, null, null, null, 0, NOW)),
            Map.entry("server-unsubscribed", e -> e.unsubscribed(FRAMES, "resource:post", "8", NOW)),
            Map.entry(
                    "server-data-change-create",
                    e -> change(
                            e,
                            "resource:post",
                            event(
                                    Operation.CREATE,
                                    row("\"Hello\"", "\"First \\\"post\\\"\""),
                                    null,
                                    null,
                                    "16b3748-1",
                                    new DataChangeEvent.Transaction("812", 0, false),
                                    1_789_999_999_990L))),
            Map.entry(
                    "server-data-change-update",
                    e -> change(
                            e,
                            "post:post-123",
                            event(
                                    Operation.UPDATE,
                                    row("\"Hello, world\"", null),
                                    row("\"Hello\"", null),
                                    List.of("title"),
                                    "16b3748-2",
                                    new DataChangeEvent.Transaction("812", 1, true),
                                    1_789_999_999_990L))),
            Map.entry("server-data-change-left", e -> {
                DataChangeEvent update = event(
                        Operation.UPDATE,
                        row("\"Hello, world\"", null),
                        row("\"Hello\"", null),
                        List.of("title"),
                        "16b3748-2",
                        new DataChangeEvent.Transaction("812", 1, true),
                        1_789_999_999_990L);
                e.prepare(update, new Rendering(Rendering.Form.LEFT, List.of()));
                return e.dataChange(FRAMES, "resource:post", NOW);
            }),
            Map.entry(
                    "server-snapshot",
                    e -> e.snapshot(
                            FRAMES,
                            "resource:post",
                            "7",
                            List.of(snapshotRow("post-123", "Hello, world"), snapshotRow("post-124", "Second")),
                            at("16b3748-0"),
                            false,
                            NOW)),
            Map.entry(
                    "server-data-change-delete",
                    e -> change(
                            e,
                            "resource:post",
                            event(
                                    Operation.DELETE,
                                    null,
                                    new Row(POST, new String[] {"\"post-123\"", null, null, null, null}),
                                    null,
                                    "16b3900-1",
                                    new DataChangeEvent.Transaction("813", 0, true),
                                    1_789_999_999_995L))),
            Map.entry(
                    "server-data-change-truncate",
                    e -> change(
                            e,
                            "resource:post",
                            event(
                                    Operation.TRUNCATE,
                                    null,
                                    null,
                                    null,
                                    "16b3a10-1",
                                    new DataChangeEvent.Transaction("814", 0, true),
                                    1_789_999_999_997L))),
            Map.entry(
                    "server-data-change-without-key",
                    e -> change(
                            e,
                            "resource:log",
                            new DataChangeEvent(
                                    "log",
                                    Operation.CREATE,
                                    null,
                                    new Row(new RowShape(List.of("line")), new String[] {"\"started\""}),
                                    null,
                                    null,
                                    at("16b3b00-1"),
                                    new DataChangeEvent.Transaction("815", 0, true),
                                    1_789_999_999_998L))),
            Map.entry(
                    "server-presence-update",
                    e -> e.presenceUpdate(FRAMES, "resource:post", "join", ANN, List.of(ANN), 1, NOW)),
            Map.entry(
                    "server-presence-diff",
                    e -> e.presenceDiff(
                            FRAMES,
                            "resource:post",
                            new ChannelPresence.Changes(List.of(ANN), List.of(), List.of(BOB)),
                            10_234,
                            NOW)),
            Map.entry(
                    "server-broadcast",
                    e -> e.broadcast(
                            FRAMES, "notifications", "{\"text\":\"Lunch is ready\",\"urgent\":false}", "bob", NOW)),
            Map.entry("server-ack", e -> e.ack(FRAMES, "9", NOW)),
            Map.entry("server-gap", e -> e.gap(FRAMES, "resource:post", at("16b3748-2"), GapReason.EPOCH_CHANGED, NOW)),
            Map.entry("server-heartbeat", e -> e.heartbeat(FRAMES, null, at("16b3748-2"), NOW)),
            Map.entry(
                    "server-error",
                    e -> e.error(
                            FRAMES,
                            "notifications",
                            "9",
                            new Problem(
                                    ErrorCode.RATE_LIMITED,
                                    "at most 100 messages a second in the long run and 1000 at once; this one was discarded",
                                    1_000),
                            NOW)),
            Map.entry("server-closing", e -> e.closing(FRAMES, CloseCode.DRAINING, 3_400, NOW))));

    static Stream<String> client() {
        return CLIENT.keySet().stream();
    }

    static Stream<String> server() {
        return SERVER.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("client")
    void isUnderstood(String example) throws Exception {
        assertThat(new MessageCodec().decode(text(example))).isEqualTo(CLIENT.get(example));
    }

    @ParameterizedTest
    @MethodSource("server")
    void isWhatIsWritten(String example) throws Exception {
        String written = FRAMES.string(SERVER.get(example).applyAsInt(ENCODER));
        assertThat(tree(written)).isEqualTo(tree(text(example)));
        assertThat(written).doesNotContain("\n");
    }

    @Test
    void everyExampleIsTested() throws Exception {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".json", "")))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(client(), server()).toList());
        }
    }

    private static String text(String example) throws IOException {
        return Files.readString(EXAMPLES.resolve(example + ".json")).strip();
    }

    private static JsonNode tree(String json) throws IOException {
        return JSON.readTree(json);
    }

    private static Position at(String place) {
        return Position.parse("mvx3k2p1a7f3c-" + place).orElseThrow();
    }

    private static Row row(String title, String body) {
        return new Row(POST, new String[] {"\"post-123\"", title, body, "9007199254740993", "null"});
    }

    private static SnapshotRow snapshotRow(String id, String title) {
        RowShape shape = new RowShape(List.of("id", "title"));
        return new SnapshotRow(
                new RecordId(id, '"' + id + '"'), new Row(shape, new String[] {'"' + id + '"', '"' + title + '"'}));
    }

    private static DataChangeEvent event(
            Operation operation,
            Row data,
            Row old,
            List<String> changed,
            String place,
            DataChangeEvent.Transaction transaction,
            long committedAt) {
        return new DataChangeEvent(
                "post",
                operation,
                operation == Operation.TRUNCATE ? null : new RecordId("post-123", "\"post-123\""),
                data,
                old,
                changed,
                at(place),
                transaction,
                committedAt);
    }

    private static int change(MessageEncoder encoder, String channel, DataChangeEvent event) {
        encoder.prepare(event, Rendering.PLAIN);
        return encoder.dataChange(FRAMES, channel, NOW);
    }
}
