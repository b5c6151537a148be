package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;

/** Writes pages to a file and joins neighbours into large writes. Used by one thread. */
final class PageRuns {
    private static final int BUFFER = 1 << 20;

    private final RandomAccessFile file;
    private final StateFiles files;
    private final byte[] buffer = new byte[BUFFER];
    private long start;
    private int length;

    PageRuns(RandomAccessFile file, StateFiles files) {
        this.file = file;
        this.files = files;
    }

    /** Where a page stands in the shadow. */
    static long offset(int number, int pageSize) {
        return (number - 1L) * pageSize;
    }

    void put(int number, byte[] page) throws IOException {
        long offset = offset(number, page.length);
        if (offset != start + length || length + page.length > BUFFER) {
            flush();
            start = offset;
        }
        System.arraycopy(page, 0, buffer, length, page.length);
        length += page.length;
    }

    void flush() throws IOException {
        if (length > 0) {
            files.probe(Step.SHADOW_WRITE);
            file.seek(start);
            file.write(buffer, 0, length);
            start += length;
            length = 0;
        }
    }
}
