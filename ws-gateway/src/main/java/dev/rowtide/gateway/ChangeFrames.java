package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import dev.rowtide.gateway.history.Change;
import dev.rowtide.gateway.history.Change.Frame;
import dev.rowtide.gateway.protocol.MessageEncoder;
import dev.rowtide.gateway.view.Rendering;
import org.jspecify.annotations.Nullable;

/**
 * Encodes changes: each once for its resource's channel and once for its record's, for each way in which it is shown, whoever asks first, live or later. Fan-out thread only.
 */
final class ChangeFrames {
    private final Hub hub;
    private final MessageEncoder encoder;
    private @Nullable DataChangeEvent prepared;
    private Rendering preparedAs = Rendering.NOTHING;

    ChangeFrames(Hub hub, MessageEncoder encoder) {
        this.hub = hub;
        this.encoder = encoder;
    }

    /** The frame of a change on one of its channels, as it is shown there. */
    Frame of(Change change, Channel channel, Rendering rendering) {
        if (change.event().operation() == Operation.TRUNCATE && !channel.isResource()) {
            // One of many channels, and not kept for each.
            return encode(change.event(), channel, rendering);
        }
        Frame frame = change.frame(rendering, channel.isResource());
        if (frame == null) {
            frame = encode(change.event(), channel, rendering);
            change.keep(rendering, channel.isResource(), frame);
        }
        return frame;
    }

    /** A frame of its own for a change that is shown to few, or is none of the log's. */
    Frame encode(DataChangeEvent event, Channel channel, Rendering rendering) {
        if (event != prepared || !rendering.equals(preparedAs)) {
            // Only remembered once it is whole: what could not be encoded is not taken for it.
            prepared = null;
            encoder.prepare(event, rendering);
            prepared = event;
            preparedAs = rendering;
        }
        return new Frame(hub.frames(), encoder.dataChange(hub.frames(), channel.name(), hub.nowMillis()));
    }
}
