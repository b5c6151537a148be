package dev.rowtide.gateway.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;

/**
 * Reads a body up to a limit, without a thread that waits for it. Jetty's own readers do not say which of their exceptions means that there was more.
 *
 * <p>Run by one thread at a time: by who starts it, then by the server whenever there is more to read.
 */
final class BodyReader implements Runnable {
    /** The body is longer than the limit. */
    static final class TooLong extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final Content.Source source;
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> result = new CompletableFuture<>();

    private BodyReader(Content.Source source, int maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
    }

    /** Fails with {@link TooLong}, or with what went wrong on the connection. */
    static CompletableFuture<byte[]> read(Content.Source source, int maxBytes) {
        BodyReader reader = new BodyReader(source, maxBytes);
        reader.run();
        return reader.result;
    }

    @Override
    public void run() {
        // Done before its end: the caller did not want to wait any longer.
        while (!result.isDone()) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                result.completeExceptionally(chunk.getFailure());
                return;
            }
            take(chunk);
        }
    }

    private void take(Content.Chunk chunk) {
        ByteBuffer buffer = chunk.getByteBuffer();
        boolean last = chunk.isLast();
        if (buffer.remaining() > maxBytes - bytes.size()) {
            result.completeExceptionally(new TooLong());
        } else {
            byte[] part = new byte[buffer.remaining()];
            buffer.get(part);
            bytes.writeBytes(part);
        }
        chunk.release();
        if (last) {
            result.complete(bytes.toByteArray());
        }
    }
}
