package dev.rowtide.bench;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * When something happened to each row, by its id, in a file that several processes map: writing an instant costs a store to memory. {@link System#nanoTime} is the same clock in all processes of a Linux
 * machine (CLOCK_MONOTONIC).
 */
final class Instants {
    static final int MOST_ROWS = 200_000;

    private final MappedByteBuffer nanos;

    Instants(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, (MOST_ROWS + 1L) * Long.BYTES);
            mapped.order(ByteOrder.nativeOrder());
            nanos = mapped;
        }
    }

    void set(long id, long at) {
        if (id <= MOST_ROWS) {
            nanos.putLong((int) id * Long.BYTES, at);
        }
    }

    /** 0 if it has not happened yet. */
    long get(long id) {
        return nanos.getLong((int) id * Long.BYTES);
    }
}
