package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One file of the spool, and where its transactions end: sixteen bytes of memory a transaction.
 *
 * <p>What is known of it is guarded by the spool. Reading has a lock of its own, whose other party is {@link #drop}.
 */
final class SpoolSegment {
    private final Path path;
    private final long base;
    private long[] seqs = new long[16];
    private long[] ends = new long[16];
    private int count;
    private boolean synced;

    private final Object reading = new Object();
    private @Nullable RandomAccessFile reader;
    private boolean dropped;

    /** @param base the position in the spool of its first byte */
    SpoolSegment(Path path, long base) {
        this.path = path;
        this.base = base;
    }

    Path path() {
        return path;
    }

    long base() {
        return base;
    }

    /** The end of its last transaction, in bytes from its start. */
    long length() {
        return count == 0 ? 0 : ends[count - 1];
    }

    int count() {
        return count;
    }

    long seq(int index) {
        return seqs[index];
    }

    /** Where a transaction ends, in bytes from the segment's start. */
    long end(int index) {
        return ends[index];
    }

    long lastSeq() {
        return seqs[count - 1];
    }

    void add(long seq, long end) {
        if (count == seqs.length) {
            seqs = Arrays.copyOf(seqs, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        seqs[count] = seq;
        ends[count] = end;
        count++;
        synced = false;
    }

    /** The index of the first transaction beyond {@code seq}; {@link #count} if there is none. */
    int firstBeyond(long seq) {
        int found = Arrays.binarySearch(seqs, 0, count, seq);
        return found >= 0 ? found + 1 : -found - 1;
    }

    boolean synced() {
        return synced;
    }

    void setSynced() {
        synced = true;
    }

    /**
     * Fills {@code content} from an offset.
     *
     * @return whether it could; not if the segment was dropped
     */
    boolean read(long offset, byte[] content) throws IOException {
        synchronized (reading) {
            if (dropped) {
                return false;
            }
            RandomAccessFile file = reader;
            if (file == null) {
                file = new RandomAccessFile(path.toFile(), "r");
                reader = file;
            }
            file.seek(offset);
            file.readFully(content);
            return true;
        }
    }

    /** Nothing is read from it again. */
    void drop() throws IOException {
        synchronized (reading) {
            dropped = true;
            if (reader != null) {
                reader.close();
                reader = null;
            }
        }
    }
}
