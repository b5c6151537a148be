package dev.rowtide.gateway;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.PresenceMode;
import dev.rowtide.gateway.view.Rendering;
import dev.rowtide.gateway.view.View;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of a channel that get the same: whether and how a change is shown is decided once for all of them, and it is encoded once. Usually a channel has one group. Fan-out thread only.
 */
final class Group {

    /**
     * What its members have in common; what makes a further difference would be a further component.
     *
     * @param conflateMillis in how much time they want no more than one state of a row; 0 if they want all
     */
    record Key(View view, Set<Operation> operations, int conflateMillis, PresenceMode presence) {
        Key withView(View other) {
            return new Key(other, operations, conflateMillis, presence);
        }
    }

    private final Key key;
    // Packed, because walking it is the inner loop of everything; the order means nothing.
    private Subscription[] members = new Subscription[1];
    private int size;

    /** What holds their changes back; null if nothing does. */
    @Nullable
    Conflation conflation;

    /** In which round {@link GroupIndex} found it last. */
    long foundIn;

    Group(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    View view() {
        return key.view();
    }

    PresenceMode presence() {
        return key.presence();
    }

    /**
     * How a change is shown to them, which may be not at all.
     *
     * @throws InvalidFilterException if it cannot be decided any more, because the table was changed
     */
    Rendering show(DataChangeEvent event) throws InvalidFilterException {
        Rendering rendering = key.view().show(event);
        return !rendering.isShown() || key.operations().contains(rendering.operation(event))
                ? rendering
                : Rendering.NOTHING;
    }

    int size() {
        return size;
    }

    /** Those who are in it now. */
    List<Subscription> members() {
        return List.of(Arrays.copyOf(members, size));
    }

    void add(Subscription member) {
        if (size == members.length) {
            members = Arrays.copyOf(members, size * 2);
        }
        member.group = this;
        member.index = size;
        members[size++] = member;
    }

    void remove(Subscription member) {
        Subscription moved = members[--size];
        members[member.index] = moved;
        moved.index = member.index;
        // Cleared, or a connection that is gone would be kept alive from here.
        Arrays.fill(members, size, size + 1, null);
        member.group = null;
    }

    /** Hands an encoded change to those of them that are live. */
    void deliver(FrameBatch frames, int frame) {
        for (int i = 0; i < size; i++) {
            members[i].connection.deliverChange(frames, frame);
        }
    }

    /** @param except who does not get it, because it sent it */
    int deliverBroadcast(FrameBatch frames, int frame, @Nullable Connection except) {
        int receivers = 0;
        for (int i = 0; i < size; i++) {
            Connection connection = members[i].connection;
            if (connection != except) {
                connection.deliver(frames, frame);
                receivers++;
            }
        }
        return receivers;
    }

    void deliverPresence(FrameBatch frames, int first, int last) {
        for (int i = 0; i < size; i++) {
            members[i].connection.deliverPresence(members[i], frames, first, last);
        }
    }
}
