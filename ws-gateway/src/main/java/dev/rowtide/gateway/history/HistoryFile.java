package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of the history. Integers are big-endian.
 *
 * <pre>
 * file     "RTHIST01" record*       the first record is the position behind which everything is here
 * record   length:4 crc:4 kind:1 content        length of the content; CRC-32C of kind and content
 * kind     1 = a position that was reached, as text; 2 = a pack of changes
 * </pre>
 *
 * <p>Through {@link RandomAccessFile}, because a channel would be closed by an interrupt of its thread. One thread appends; any may read a pack.
 */
final class HistoryFile {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryFile.class);

    private static final byte[] MAGIC = "RTHIST01".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES = 9;
    private static final byte REACHED = 1;
    private static final byte CHANGES = 2;

    private final Path path;
    private final RandomAccessFile file;
    private long size;

    // Packs that are wanted, and one more as long as it is appended to; at zero the file goes.
    private final AtomicInteger users = new AtomicInteger(1);

    private HistoryFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    static HistoryFile create(Path path, Position start) throws IOException {
        HistoryFile created = new HistoryFile(path, new RandomAccessFile(path.toFile(), "rw"));
        created.file.setLength(0);
        created.file.write(MAGIC);
        created.size = MAGIC.length;
        created.append(start);
        return created;
    }

    static HistoryFile open(Path path) throws IOException {
        return new HistoryFile(path, new RandomAccessFile(path.toFile(), "rw"));
    }

    long size() {
        return size;
    }

    // ---- appending

    void append(Position boundary) throws IOException {
        write(REACHED, boundary.toString().getBytes(StandardCharsets.US_ASCII));
    }

    HistoryStore.Pack append(byte[] pack) throws IOException {
        long at = write(CHANGES, pack);
        return pack(at, pack.length);
    }

    /** Returns where the content begins. */
    private long write(byte kind, byte[] content) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(HEAD_BYTES + content.length);
        record.putInt(content.length).putInt(checksum(kind, content)).put(kind).put(content);
        try {
            file.seek(size);
            file.write(record.array());
        } catch (IOException e) {
            // What was written of it must not stand before what comes later.
            file.setLength(size);
            throw e;
        }
        long at = size + HEAD_BYTES;
        size += record.capacity();
        return at;
    }

    /** Nothing is appended any more. */
    void finish() {
        close();
        release();
    }

    void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("{} could not be closed", path, e);
        }
    }

    void delete() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }

    private void release() {
        if (users.decrementAndGet() == 0) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                LOG.warn("{} is not needed any more and cannot be deleted; it is left behind", path, e);
            }
        }
    }

    // ---- reading

    private HistoryStore.Pack pack(long at, int length) {
        users.incrementAndGet();
        return new HistoryStore.Pack() {
            @Override
            public int bytes() {
                return length;
            }

            @Override
            public List<DataChangeEvent> read() throws IOException {
                return ChangeCodec.unpack(content(at, length));
            }

            @Override
            public void forget() {
                release();
            }
        };
    }

    private byte[] content(long at, int length) throws IOException {
        try (RandomAccessFile reading = new RandomAccessFile(path.toFile(), "r")) {
            reading.seek(at - HEAD_BYTES);
            byte[] record = new byte[HEAD_BYTES + length];
            reading.readFully(record);
            ByteBuffer head = ByteBuffer.wrap(record);
            head.getInt();
            int checksum = head.getInt();
            byte[] content = new byte[length];
            byte kind = head.get();
            head.get(content);
            if (checksum != checksum(kind, content)) {
                throw new IOException("the changes at byte " + at + " of " + path + " are damaged");
            }
            return content;
        }
    }

    /** What a file held when it was opened. */
    record Content(Position start, Position reached, List<Object> records) {
        void tell(HistoryStore.Recovery recovery) {
            for (Object record : records) {
                if (record instanceof HistoryStore.Found found) {
                    recovery.found(found);
                } else {
                    recovery.reached((Position) record);
                }
            }
        }
    }

    /**
     * Reads the whole file.
     *
     * @param isLast whether a torn end is to be expected; it is cut off
     * @return null if the file is not whole, or of the last one not even the beginning is
     */
    @Nullable
    Content recover(boolean isLast) throws IOException {
        List<Object> records = new ArrayList<>();
        Position start = null;
        Position reached = null;
        byte[] magic = new byte[MAGIC.length];
        long length = file.length();
        if (length >= MAGIC.length) {
            file.readFully(magic);
            size = MAGIC.length;
        }
        boolean whole = java.util.Arrays.equals(magic, MAGIC);
        while (whole && size < length) {
            byte[] content = null;
            byte kind = 0;
            if (length - size >= HEAD_BYTES) {
                int contentLength = file.readInt();
                int checksum = file.readInt();
                kind = file.readByte();
                if (contentLength >= 0 && contentLength <= length - size - HEAD_BYTES) {
                    byte[] read = new byte[contentLength];
                    file.readFully(read);
                    content = checksum == checksum(kind, read) ? read : null;
                }
            }
            if (content == null) {
                whole = false;
            } else if (kind == REACHED) {
                Position position = Position.parse(new String(content, StandardCharsets.US_ASCII))
                        .orElseThrow(() -> new IOException("no position at byte " + size + " of " + path));
                if (start == null) {
                    start = position;
                } else {
                    records.add(position);
                }
                reached = position;
                size += HEAD_BYTES + content.length;
            } else {
                List<DataChangeEvent> events = ChangeCodec.unpack(content);
                records.add(new HistoryStore.Found(pack(size + HEAD_BYTES, content.length), events));
                reached = events.get(events.size() - 1).position();
                size += HEAD_BYTES + content.length;
            }
        }
        if (start == null || reached == null || (!whole && !isLast)) {
            return null;
        }
        if (!whole) {
            LOG.info("{} ends within a record: its last {} bytes are cut off", path, length - size);
            file.setLength(size);
        }
        if (!isLast) {
            finish();
        }
        return new Content(start, reached, records);
    }

    private static int checksum(byte kind, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(kind);
        crc.update(content, 0, content.length);
        return (int) crc.getValue();
    }
}
