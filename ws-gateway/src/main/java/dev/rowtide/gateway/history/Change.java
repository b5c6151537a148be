package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.gateway.protocol.FrameBatch;
import org.jspecify.annotations.Nullable;

/** A change, and the frames that it has been encoded into: once, for live delivery and for everybody who reads on later. Fan-out thread only. */
public final class Change {
    private final DataChangeEvent event;
    private @Nullable Frame onResource;
    private @Nullable Frame onRecord;

    /** One frame of a batch. */
    public record Frame(FrameBatch batch, int index) {}

    Change(DataChangeEvent event) {
        this.event = event;
    }

    public DataChangeEvent event() {
        return event;
    }

    /** The frame for the resource's channel; null until somebody wanted it. */
    public @Nullable Frame onResource() {
        return onResource;
    }

    public void onResource(Frame frame) {
        onResource = frame;
    }

    /** The frame for the record's channel; null until somebody wanted it. */
    public @Nullable Frame onRecord() {
        return onRecord;
    }

    public void onRecord(Frame frame) {
        onRecord = frame;
    }
}
