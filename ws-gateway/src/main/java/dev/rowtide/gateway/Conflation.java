package dev.rowtide.gateway;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.Row;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.view.Rendering;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a group that wants no more than the newest state of each row in every so many milliseconds. They are held back until the time is over and then delivered, each row once, in the order of their
 * newest changes. Fan-out thread only.
 *
 * <p>A member takes all that is held back or nothing of it: only so is each row's operation right for it. Who is not live then has it from the history instead, where changes are as they were; so a
 * connection becomes live, and a new member begins, while nothing is held back.
 */
final class Conflation {
    /** With more rows, or more characters of JSON in them, nothing is waited for any longer. */
    private static final int MAX_ROWS = 10_000;

    private static final long MAX_CHARACTERS = 4 * 1024 * 1024;

    private final Hub hub;
    private final LiveChannel channel;
    private final Group group;
    private final long periodNanos;
    private final Map<String, Held> rows = new LinkedHashMap<>();
    private long characters;
    private long firstNumber = Long.MAX_VALUE;
    private @Nullable Position firstPosition;
    private int round;

    /** What has become of a row since the members have seen it last. */
    private record Held(DataChangeEvent newest, Rendering rendering, boolean wasKnown) {

        static Held first(DataChangeEvent event, Rendering rendering) {
            return new Held(event, rendering, rendering.operation(event) != Operation.CREATE);
        }

        Held then(DataChangeEvent event, Rendering shown) {
            Row data = event.data();
            Row before = newest.data();
            boolean gone = shown.operation(event) == Operation.DELETE;
            // What the log left out because it had not changed may have been changed by what is left out here.
            Row merged = data == null || before == null ? data : data.completedBy(before);
            DataChangeEvent whole = new DataChangeEvent(
                    event.resource(),
                    event.operation(),
                    event.id(),
                    merged,
                    null,
                    null,
                    event.position(),
                    event.transaction(),
                    event.committedAtMillis());
            Rendering.Form form =
                    gone ? Rendering.Form.LEFT : wasKnown ? Rendering.Form.WITHOUT_OLD : Rendering.Form.ENTERED;
            return new Held(
                    whole, wasKnown || !gone ? new Rendering(form, shown.columns()) : Rendering.NOTHING, wasKnown);
        }
    }

    Conflation(Hub hub, LiveChannel channel, Group group, int periodMillis) {
        this.hub = hub;
        this.channel = channel;
        this.group = group;
        this.periodNanos = TimeUnit.MILLISECONDS.toNanos(periodMillis);
    }

    /** Whether nothing is held back. */
    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The number of the first change that is held back; a very large one if none is. */
    long firstNumber() {
        return firstNumber;
    }

    /** The place before the first change that is held back; null if none is. */
    @Nullable
    Position before() {
        return firstPosition == null ? null : firstPosition.before();
    }

    /** Holds back a change that is being delivered live. */
    void add(DataChangeEvent event, Rendering rendering) {
        if (event.id() == null) {
            // All rows, or one that cannot be told from others.
            flush();
            FrameBatch frames = hub.frames();
            int frame = hub.changeFrames()
                    .encode(event, channel.channel(), rendering)
                    .index();
            deliver(frames, frame, frame + 1, hub.live().next());
            return;
        }
        if (rows.isEmpty()) {
            firstNumber = hub.live().next();
            firstPosition = event.position();
            int current = ++round;
            hub.after(periodNanos, () -> {
                if (current == round) {
                    flush();
                }
            });
        }
        // Out and in again, so that it is behind those whose newest change is older.
        Held before = rows.remove(event.id().text());
        Held held = before == null ? Held.first(event, rendering) : before.then(event, rendering);
        rows.put(event.id().text(), held);
        characters += length(event.data());
        if (rows.size() >= MAX_ROWS || characters >= MAX_CHARACTERS) {
            flush();
        }
    }

    private static long length(@Nullable Row row) {
        long length = 0;
        for (int i = 0; row != null && i < row.shape().columns().size(); i++) {
            String json = row.json(i);
            length += json == null ? 0 : json.length();
        }
        return length;
    }

    /** Delivers what is held back. */
    void flush() {
        if (rows.isEmpty()) {
            return;
        }
        FrameBatch frames = hub.frames();
        int first = frames.count();
        for (Held held : List.copyOf(rows.values())) {
            if (held.rendering().isShown()) {
                hub.changeFrames().encode(held.newest(), channel.channel(), held.rendering());
            }
        }
        // Who cannot take it reads from the history, from the first change that is held back on.
        deliver(frames, first, frames.count(), firstNumber);
        clear();
    }

    private void deliver(FrameBatch frames, int first, int last, long number) {
        firstNumber = number;
        for (Subscription member : group.members()) {
            member.connection.deliverChanges(frames, first, last);
        }
        if (rows.isEmpty()) {
            firstNumber = Long.MAX_VALUE;
        }
    }

    /** Forgets what is held back. */
    void clear() {
        rows.clear();
        round++;
        characters = 0;
        firstNumber = Long.MAX_VALUE;
        firstPosition = null;
    }
}
