package dev.rowtide.gateway.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The payloads of text frames, encoded once, back to back, for as many peers as want them.
 *
 * <p>Filled by one thread and only ever appended to. A frame that is complete does not change any more, so outboxes and writers refer to it by index and
 * never copy; when the last of them has let go, the garbage collector takes the batch as a whole. Heap memory, because the present writer hands it to
 * Jetty, which copies small frames into a direct buffer anyway.
 */
public final class FrameBatch {
    private static final int INITIAL_BYTES = 1024;
    private static final int INITIAL_FRAMES = 8;

    final Utf8Buffer text = new Utf8Buffer(INITIAL_BYTES);
    private int[] ends = new int[INITIAL_FRAMES];
    private int count;

    /** Where the next frame's text is to be written. What an interrupted encoding left behind is dropped. */
    Utf8Buffer begin() {
        text.size = bytes();
        return text;
    }

    /** Completes the frame whose text has been appended since {@link #begin}, and returns its index. */
    int end() {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
        }
        ends[count] = text.size;
        return count++;
    }

    /** Appends a copy of a frame of another batch, and returns its index. */
    public int copyOf(FrameBatch other, int frame) {
        begin().append(other.text.bytes, other.start(frame), other.bytes(frame));
        return end();
    }

    /** How many complete frames there are. */
    public int count() {
        return count;
    }

    /** The length of all frames, in bytes. */
    public int bytes() {
        return count == 0 ? 0 : ends[count - 1];
    }

    /** The length of one frame's payload, in bytes. */
    public int bytes(int frame) {
        return ends[frame] - start(frame);
    }

    /** The length of the payloads of the frames {@code [first, last)}, in bytes. */
    public int bytes(int first, int last) {
        return first == last ? 0 : ends[last - 1] - start(first);
    }

    /** A buffer of its own over the shared bytes of one frame's payload; they must not be written to. */
    public ByteBuffer payload(int frame) {
        return ByteBuffer.wrap(text.bytes, start(frame), bytes(frame));
    }

    /** One frame's payload, for people and tests. */
    public String string(int frame) {
        return new String(text.bytes, start(frame), bytes(frame), StandardCharsets.UTF_8);
    }

    private int start(int frame) {
        return frame == 0 ? 0 : ends[frame - 1];
    }
}
