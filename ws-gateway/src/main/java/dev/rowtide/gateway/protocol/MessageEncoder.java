package dev.rowtide.gateway.protocol;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SnapshotRow;
import dev.rowtide.gateway.presence.ChannelPresence;
import dev.rowtide.gateway.presence.OnlineUser;
import dev.rowtide.gateway.view.Rendering;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the gateway says, as frames of a {@link FrameBatch}; each method returns the index of the frame it wrote. For one thread.
 *
 * <p>Written by hand, not with a JSON library: rows come as JSON text that is copied, and a change's payload is written once and then put behind the heads
 * of two channels.
 */
public final class MessageEncoder {
    private final Utf8Buffer change = new Utf8Buffer(4 * 1024);
    private final Utf8Buffer chunk = new Utf8Buffer(4 * 1024);
    private @Nullable List<SnapshotRow> encodedChunk;
    // By identity in effect: a resource's rows share one shape until its schema changes. Weak, so that old shapes go
    // with their rows.
    private final Map<RowShape, String[]> columnHeads = new WeakHashMap<>();
    private @Nullable RowShape lastShape;
    private String[] lastHeads = {};

    /** Writes the payload of a {@code data_change}, as it is shown, for any number of {@link #dataChange} calls after it. */
    public void prepare(DataChangeEvent event, Rendering rendering) {
        List<String> columns = rendering.columns();
        change.size = 0;
        change.raw("{\"resource\":").string(event.resource());
        change.raw(",\"operation\":\"")
                .raw(rendering.operation(event).wireName())
                .raw("\"");
        switch (rendering.operation(event)) {
            case CREATE, UPDATE, DELETE -> {
                change.raw(",\"id\":")
                        .raw(event.id() == null ? "null" : event.id().json());
                change.raw(",\"data\":");
                Row data = shownData(event, rendering);
                row(change, data, columns);
                List<String> unchanged = data == null ? List.of() : of(columns, data.missing());
                if (rendering.form() == Rendering.Form.WHOLE && event.old() != null) {
                    change.raw(",\"old\":");
                    row(change, event.old(), columns);
                }
                if (rendering.form() == Rendering.Form.WHOLE && event.changed() != null) {
                    change.raw(",\"changed\":");
                    strings(of(columns, event.changed()));
                }
                if (!unchanged.isEmpty()) {
                    change.raw(",\"unchanged\":");
                    strings(unchanged);
                }
            }
            case TRUNCATE -> {}
        }
        DataChangeEvent.Transaction transaction = event.transaction();
        change.raw(",\"position\":").string(event.position().toString());
        change.raw(",\"transaction\":{\"id\":").string(transaction.id());
        change.raw(",\"index\":").number(transaction.index());
        change.raw(",\"last\":").raw(Boolean.toString(transaction.last()));
        change.raw("},\"committedAt\":").number(event.committedAtMillis()).raw("}");
    }

    /** The new row; of one that came into view whole, since the subscriber has nothing to complete it from. */
    private static @Nullable Row shownData(DataChangeEvent event, Rendering rendering) {
        Row data = event.data();
        Row old = event.old();
        return switch (rendering.form()) {
            case WHOLE, WITHOUT_OLD -> data;
            case ENTERED -> data == null || old == null ? data : data.completedBy(old);
            case LEFT, NOTHING, UNDECIDED -> null;
        };
    }

    private static List<String> of(List<String> columns, List<String> names) {
        return columns.isEmpty() || names.isEmpty()
                ? names
                : names.stream().filter(columns::contains).toList();
    }

    /** The change that was {@linkplain #prepare prepared}, for one channel. */
    public int dataChange(FrameBatch frames, String channel, long nowMillis) {
        head(frames, "data_change", channel).raw(",\"payload\":").append(change);
        return end(frames, nowMillis);
    }

    /**
     * How going on from a position went.
     *
     * @param recovered whether everything after it comes; if not, a {@code gap} follows
     * @param replayed how many changes of the channel have come since
     */
    public record Recovery(boolean recovered, int replayed) {}

    /**
     * @param position everything after it is delivered; null if the source has not said yet where it is
     * @param recovery null if the subscriber did not ask to go on from a position
     * @param online who is online, at most as many as are listed; null if the subscriber takes no part in presence
     */
    public int subscribed(
            FrameBatch frames,
            String channel,
            @Nullable String idJson,
            @Nullable Position position,
            @Nullable Recovery recovery,
            @Nullable List<OnlineUser> online,
            int onlineCount,
            long nowMillis) {
        Utf8Buffer text = head(frames, "subscribed", channel);
        id(text, idJson).raw(",\"payload\":{");
        String comma = "";
        if (position != null) {
            text.raw("\"position\":").string(position.toString());
            comma = ",";
        }
        if (recovery != null) {
            text.raw(comma).raw("\"recovered\":").raw(Boolean.toString(recovery.recovered()));
            text.raw(",\"replayed\":").number(recovery.replayed());
            comma = ",";
        }
        if (online != null) {
            text.raw(comma);
            online(text, online, onlineCount);
        }
        text.raw("}");
        return end(frames, nowMillis);
    }

    /**
     * Some of the rows of a snapshot.
     *
     * @param position every change after it that the rows do not contain comes behind them
     * @param last whether these are the last
     */
    public int snapshot(
            FrameBatch frames,
            String channel,
            @Nullable String idJson,
            List<SnapshotRow> rows,
            Position position,
            boolean last,
            long nowMillis) {
        Utf8Buffer text = id(head(frames, "snapshot", channel), idJson).raw(",\"payload\":{");
        text.append(chunk(rows)).raw(",\"position\":").string(position.toString());
        text.raw(",\"last\":").raw(Boolean.toString(last)).raw("}");
        return end(frames, nowMillis);
    }

    /** Rows and their ids. Those who share a snapshot get the same chunks one right after the other, so the newest is kept. */
    private Utf8Buffer chunk(List<SnapshotRow> rows) {
        if (rows != encodedChunk || rows.isEmpty()) {
            encodedChunk = null;
            chunk.size = 0;
            chunk.raw("\"ids\":[");
            for (int i = 0; i < rows.size(); i++) {
                RecordId id = rows.get(i).id();
                chunk.raw(i == 0 ? "" : ",").raw(id == null ? "null" : id.json());
            }
            chunk.raw("],\"rows\":[");
            for (int i = 0; i < rows.size(); i++) {
                chunk.raw(i == 0 ? "" : ",");
                row(chunk, rows.get(i).data(), List.of());
            }
            chunk.raw("]");
            encodedChunk = rows;
        }
        return chunk;
    }

    public int unsubscribed(FrameBatch frames, String channel, @Nullable String idJson, long nowMillis) {
        id(head(frames, "unsubscribed", channel), idJson);
        return end(frames, nowMillis);
    }

    /** @param action {@code join}, {@code update} or {@code leave} */
    public int presenceUpdate(
            FrameBatch frames,
            String channel,
            String action,
            OnlineUser user,
            List<OnlineUser> online,
            int onlineCount,
            long nowMillis) {
        Utf8Buffer text = head(frames, "presence_update", channel);
        text.raw(",\"payload\":{\"action\":\"")
                .raw(action)
                .raw("\",\"userId\":")
                .string(user.userId());
        text.raw(",\"metadata\":").raw(user.metadataJson()).raw(",");
        online(text, online, onlineCount);
        text.raw("}");
        return end(frames, nowMillis);
    }

    public int presenceDiff(
            FrameBatch frames, String channel, ChannelPresence.Changes changes, int onlineCount, long nowMillis) {
        Utf8Buffer text = head(frames, "presence_diff", channel);
        text.raw(",\"payload\":{\"join\":");
        users(text, changes.join());
        text.raw(",\"update\":");
        users(text, changes.update());
        text.raw(",\"leave\":");
        users(text, changes.leave());
        text.raw(",\"onlineCount\":").number(onlineCount).raw("}");
        return end(frames, nowMillis);
    }

    public int broadcast(
            FrameBatch frames, String channel, String payloadJson, @Nullable String userId, long nowMillis) {
        Utf8Buffer text =
                head(frames, "broadcast", channel).raw(",\"payload\":").raw(payloadJson);
        if (userId != null) {
            text.raw(",\"userId\":").string(userId);
        }
        return end(frames, nowMillis);
    }

    public int ack(FrameBatch frames, String idJson, long nowMillis) {
        id(head(frames, "ack", null), idJson);
        return end(frames, nowMillis);
    }

    /** @param since up to where the subscriber has seen everything; null if it has seen nothing */
    public int gap(FrameBatch frames, String channel, @Nullable Position since, GapReason reason, long nowMillis) {
        Utf8Buffer text = head(frames, "gap", channel).raw(",\"payload\":{");
        if (since != null) {
            text.raw("\"since\":").string(since.toString()).raw(",");
        }
        text.raw("\"reason\":\"").raw(reason.wireName()).raw("\",\"action\":\"resnapshot\"}");
        return end(frames, nowMillis);
    }

    /** @param position up to where everything has been sent on all channels; null if the source has not said yet */
    public int heartbeat(FrameBatch frames, @Nullable String idJson, @Nullable Position position, long nowMillis) {
        Utf8Buffer text = id(head(frames, "heartbeat", null), idJson);
        if (position != null) {
            text.raw(",\"position\":").string(position.toString());
        }
        return end(frames, nowMillis);
    }

    public int error(
            FrameBatch frames, @Nullable String channel, @Nullable String idJson, Problem problem, long nowMillis) {
        Utf8Buffer text = id(head(frames, "error", channel), idJson);
        text.raw(",\"payload\":{\"code\":\"").raw(problem.code().wireName()).raw("\",\"message\":");
        text.string(problem.message());
        if (problem.retryAfterMillis() > 0) {
            text.raw(",\"retryAfter\":").number(problem.retryAfterMillis());
        }
        text.raw("}");
        return end(frames, nowMillis);
    }

    /** @param reconnectInMillis when this client should come back, so that not all come at once */
    public int closing(FrameBatch frames, CloseCode code, long reconnectInMillis, long nowMillis) {
        head(frames, "closing", null)
                .raw(",\"payload\":{\"code\":")
                .number(code.code())
                .raw(",\"reconnectIn\":")
                .number(reconnectInMillis)
                .raw("}");
        return end(frames, nowMillis);
    }

    private static Utf8Buffer head(FrameBatch frames, String type, @Nullable String channel) {
        Utf8Buffer text = frames.begin().raw("{\"type\":\"").raw(type).raw("\"");
        return channel == null ? text : text.raw(",\"channel\":").string(channel);
    }

    private static Utf8Buffer id(Utf8Buffer text, @Nullable String idJson) {
        return idJson == null ? text : text.raw(",\"id\":").raw(idJson);
    }

    private static int end(FrameBatch frames, long nowMillis) {
        frames.text.raw(",\"timestamp\":").number(nowMillis).raw("}");
        return frames.end();
    }

    private static void online(Utf8Buffer text, List<OnlineUser> online, int onlineCount) {
        text.raw("\"onlineUsers\":");
        users(text, online);
        text.raw(",\"onlineCount\":").number(onlineCount);
    }

    private static void users(Utf8Buffer text, List<OnlineUser> users) {
        text.raw("[");
        for (int i = 0; i < users.size(); i++) {
            text.raw(i == 0 ? "{\"userId\":" : ",{\"userId\":")
                    .string(users.get(i).userId());
            text.raw(",\"metadata\":").raw(users.get(i).metadataJson()).raw("}");
        }
        text.raw("]");
    }

    /** @param columns which columns, sorted; empty for all */
    private void row(Utf8Buffer text, @Nullable Row row, List<String> columns) {
        if (row == null) {
            text.raw("null");
            return;
        }
        String[] heads = heads(row.shape());
        text.raw("{");
        boolean first = true;
        for (int i = 0; i < heads.length; i++) {
            String value = row.json(i);
            if (value != null
                    && (columns.isEmpty()
                            || columns.contains(row.shape().columns().get(i)))) {
                text.raw(first ? "" : ",").raw(heads[i]).raw(value);
                first = false;
            }
        }
        text.raw("}");
    }

    private void strings(List<String> values) {
        change.raw("[");
        for (int i = 0; i < values.size(); i++) {
            change.raw(i == 0 ? "" : ",").string(values.get(i));
        }
        change.raw("]");
    }

    /** {@code "column":} for each column. */
    private String[] heads(RowShape shape) {
        if (shape != lastShape) {
            lastHeads = columnHeads.computeIfAbsent(shape, MessageEncoder::newHeads);
            lastShape = shape;
        }
        return lastHeads;
    }

    private static String[] newHeads(RowShape shape) {
        Utf8Buffer text = new Utf8Buffer(64);
        return shape.columns().stream()
                .map(column -> {
                    text.size = 0;
                    text.string(column).raw(":");
                    return new String(text.bytes, 0, text.size, StandardCharsets.UTF_8);
                })
                .toArray(String[]::new);
    }
}
