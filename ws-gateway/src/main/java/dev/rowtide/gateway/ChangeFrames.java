package dev.rowtide.gateway;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.history.Change.Frame;
import dev.rowtide.gateway.protocol.MessageEncoder;
import org.jspecify.annotations.Nullable;

/** Encodes changes: each once for its resource's channel and once for its record's, whoever asks first, live or later. Fan-out thread only. */
final class ChangeFrames {
    private final Hub hub;
    private final MessageEncoder encoder;
    private @Nullable DataChangeEvent prepared;

    ChangeFrames(Hub hub, MessageEncoder encoder) {
        this.hub = hub;
        this.encoder = encoder;
    }

    Frame onResource(Change change, String channel) {
        Frame frame = change.onResource();
        if (frame == null) {
            frame = once(change, channel);
            change.onResource(frame);
        }
        return frame;
    }

    Frame onRecord(Change change, String channel) {
        Frame frame = change.onRecord();
        if (frame == null) {
            frame = once(change, channel);
            change.onRecord(frame);
        }
        return frame;
    }

    /** For a channel that is neither: the record channels of a resource that was truncated. */
    Frame once(Change change, String channel) {
        if (change.event() != prepared) {
            // Only remembered once it is whole: what could not be encoded is not taken for it.
            prepared = null;
            encoder.prepare(change.event());
            prepared = change.event();
        }
        return new Frame(hub.frames(), encoder.dataChange(hub.frames(), channel, hub.nowMillis()));
    }
}
