package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads the {@link SpoolRecord}s of a segment from front to back, with everything in them, and checks them. Believes nothing. Used by one thread. */
final class RecordReader {
    private static final int CHUNK = 1 << 18;

    private final RandomAccessFile file;
    private final long tag;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).limit(0);
    private final CRC32C crc = new CRC32C();
    /** Where in the file the buffer ends. */
    private long bufferEnd;

    private long taken;

    /** @param tag of the state that the records belong to */
    RecordReader(RandomAccessFile file, long tag) {
        this.file = file;
        this.tag = tag;
    }

    /**
     * Reads a record and checks it.
     *
     * @param offset where it begins
     * @return null if no whole, undamaged record of this state begins there
     */
    @Nullable
    SpoolRecord read(long offset) throws IOException {
        seek(offset);
        ByteBuffer head = take(SpoolRecord.HEAD);
        if (head == null || head.getInt() != SpoolRecord.MAGIC) {
            return null;
        }
        int pageSize = head.getInt();
        if (pageSize < 1 || pageSize > 65536 || head.getLong() != tag) {
            return null;
        }
        long previousSeq = head.getLong();
        for (ByteBuffer number = take(4); number == null || number.getInt() != 0; number = take(4)) {
            if (number == null || take(pageSize) == null) {
                return null;
            }
        }
        ByteBuffer counts = take(SpoolRecord.END - 4);
        if (counts == null) {
            return null;
        }
        int entries = counts.getInt();
        int pages = counts.getInt();
        for (int i = 0; i < pages; i++) {
            if (take(8) == null) {
                return null;
            }
        }
        ByteBuffer trailer = take(SpoolRecord.TRAILER - 4);
        if (trailer == null) {
            return null;
        }
        int computed = (int) crc.getValue();
        SpoolRecord record = SpoolRecord.readTrailer(trailer);
        ByteBuffer stored = take(4);
        boolean sound = record != null
                && stored != null
                && stored.getInt() == computed
                && record.previousSeq() == previousSeq
                && record.header().pageSize() == pageSize
                && record.entries() == entries
                && record.pages() == pages
                && record.length() == taken;
        return sound ? record : null;
    }

    private void seek(long offset) throws IOException {
        crc.reset();
        taken = 0;
        long inBuffer = offset - (bufferEnd - buffer.limit());
        if (inBuffer >= 0 && inBuffer <= buffer.limit()) {
            buffer.position((int) inBuffer);
        } else {
            buffer.limit(0);
            bufferEnd = offset;
        }
    }

    /** The next bytes, valid until the next call; null if the file ends before. */
    private @Nullable ByteBuffer take(int length) throws IOException {
        if (buffer.remaining() < length) {
            buffer.compact();
            file.seek(bufferEnd);
            while (buffer.position() < length) {
                int read = file.read(buffer.array(), buffer.position(), buffer.remaining());
                if (read < 0) {
                    buffer.flip();
                    return null;
                }
                buffer.position(buffer.position() + read);
                bufferEnd += read;
            }
            buffer.flip();
        }
        ByteBuffer piece = buffer.slice(buffer.position(), length);
        crc.update(buffer.array(), buffer.position(), length);
        buffer.position(buffer.position() + length);
        taken += length;
        return piece;
    }
}
