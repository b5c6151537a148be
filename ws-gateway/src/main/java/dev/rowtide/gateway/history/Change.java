package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.view.Rendering;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A change, and the frames that it has been encoded into: once, for live delivery and for everybody who reads on later. Fan-out thread only. */
public final class Change {
    private final DataChangeEvent event;
    // Most changes are shown as they are, to everybody.
    private @Nullable Frame onResource;
    private @Nullable Frame onRecord;
    private Map<Shown, Frame> others = Map.of();

    /** One frame of a batch. */
    public record Frame(FrameBatch batch, int index) {}

    private record Shown(Rendering rendering, boolean onResource) {}

    Change(DataChangeEvent event) {
        this.event = event;
    }

    public DataChangeEvent event() {
        return event;
    }

    /** The frame for the resource's channel, or for the record's; null until somebody wanted it. */
    public @Nullable Frame frame(Rendering rendering, boolean resource) {
        if (rendering == Rendering.PLAIN) {
            return resource ? onResource : onRecord;
        }
        return others.get(new Shown(rendering, resource));
    }

    public void keep(Rendering rendering, boolean resource, Frame frame) {
        if (rendering != Rendering.PLAIN) {
            if (others.isEmpty()) {
                others = new HashMap<>(4);
            }
            others.put(new Shown(rendering, resource), frame);
        } else if (resource) {
            onResource = frame;
        } else {
            onRecord = frame;
        }
    }
}
