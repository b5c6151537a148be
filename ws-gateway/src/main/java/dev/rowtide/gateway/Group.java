package dev.rowtide.gateway;

import dev.rowtide.feed.Operation;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.PresenceMode;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of a channel that get the same: whether a change is for them is decided once for all of them, and it is encoded once. Usually a channel has
 * one group. What makes a further difference (filter, policy, columns) will be a further part of the key. Fan-out thread only.
 */
final class Group {
    private final Set<Operation> operations;
    private final PresenceMode presence;
    // Packed, because walking it is the inner loop of everything; the order means nothing.
    private Subscription[] members = new Subscription[1];
    private int size;

    Group(Set<Operation> operations, PresenceMode presence) {
        this.operations = operations;
        this.presence = presence;
    }

    boolean isFor(Set<Operation> operations, PresenceMode presence) {
        return this.presence == presence && this.operations.equals(operations);
    }

    PresenceMode presence() {
        return presence;
    }

    boolean wants(Operation operation) {
        return operations.contains(operation);
    }

    int size() {
        return size;
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
