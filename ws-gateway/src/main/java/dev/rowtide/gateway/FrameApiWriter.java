package dev.rowtide.gateway;

import dev.rowtide.gateway.protocol.CloseCode;
import java.nio.ByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * Writes through Jetty's public frame API, which works on every kind of connection.
 *
 * <p>All frames of a turn but the last are sent as a batch: Jetty copies them into one buffer of {@link #OUTPUT_BUFFER_BYTES} and writes that when it is full or when the last
 * frame, which is not batched, comes; so what waits for a peer leaves in one write. Only one such group is under way: Jetty's own queue has no bound, the outbox
 * has. The last frame's bytes are in use until its callback, which is why batches are left to the garbage collector.
 *
 * <p>Jetty calls back on this thread, inside of {@link #write}, when the socket took everything, and otherwise on one of its own.
 */
final class FrameApiWriter implements PeerWriter, Callback {
    /** Jetty's buffer for batched frames; frames of more than a quarter of it are written by themselves. */
    static final int OUTPUT_BUFFER_BYTES = 32 * 1024;

    /** The most that is handed to Jetty in one turn, so that a peer with a long backlog does not keep the others waiting. */
    private static final int TURN_BYTES = 256 * 1024;

    private final CoreSession session;
    private final FanoutThread thread;
    private final Counters counters;
    private final Runnable onDrained;
    private final Runnable onDead;
    private boolean pending;
    private boolean writing;

    /**
     * @param onDrained run on the fan-out thread when this is not pending any more
     * @param onDead run on the fan-out thread when the peer cannot be written to
     */
    FrameApiWriter(CoreSession session, FanoutThread thread, Counters counters, Runnable onDrained, Runnable onDead) {
        this.session = session;
        this.thread = thread;
        this.counters = counters;
        this.onDrained = onDrained;
        this.onDead = onDead;
    }

    @Override
    public void write(Outbox outbox) {
        pending = true;
        writing = true;
        try {
            int frames = 0;
            int bytes = 0;
            boolean last;
            do {
                ByteBuffer payload = outbox.take();
                frames++;
                bytes += payload.remaining();
                last = outbox.isEmpty() || bytes >= TURN_BYTES;
                session.sendFrame(new Frame(OpCode.TEXT, payload), last ? this : Callback.NOOP, !last);
            } while (!last);
            counters.sent(frames, bytes);
        } finally {
            writing = false;
        }
    }

    /** The group's last frame has been written, and so have those before it. */
    @Override
    public void succeeded() {
        // Also by this thread it may come from elsewhere than write(): a ping can find the socket writable and finish
        // what was under way.
        if (thread.isCurrent() && writing) {
            pending = false;
        } else {
            thread.post(() -> {
                pending = false;
                onDrained.run();
            });
        }
    }

    @Override
    public void failed(Throwable cause) {
        thread.post(onDead);
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public boolean isPending() {
        return pending;
    }

    @Override
    public void ping() {
        session.sendFrame(new Frame(OpCode.PING), Callback.NOOP, false);
    }

    @Override
    public void close(CloseCode code) {
        // To Jetty codes from 3000 are ordinary, so this waits behind the group that is under way.
        session.close(code.code(), code.reason(), Callback.NOOP);
    }

    @Override
    public void abort() {
        session.abort();
    }
}
