package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

    /**
     * Reads the whole file and tells what is in it, record by record: a file may be a large part of the heap.
     *
     * @param before where the file before it ends; null if there is none, or it does not lead up to this one
     * @param isLast whether a torn end is to be expected; it is cut off
     * @return where it ends; null if the file is not whole, or of the last one not even the beginning is. What was told of it then leads up to nothing
     */
    @Nullable
    Position recover(@Nullable Position before, boolean isLast, HistoryStore.Recovery recovery) throws IOException {
        Position reached = null;
        byte[] magic = new byte[MAGIC.length];
        long length = file.length();
        if (length >= MAGIC.length) {
            file.readFully(magic);
            size = MAGIC.length;
        }
        boolean whole = Arrays.equals(magic, MAGIC);
        while (whole && size < length) {
            Record record = record(length - size);
            if (record == null || (reached == null && record.kind() != REACHED)) {
                whole = false;
                continue;
            }
            if (record.kind() == CHANGES) {
                List<DataChangeEvent> events = ChangeCodec.unpack(record.content());
                recovery.found(new HistoryStore.Found(pack(size + HEAD_BYTES, record.content().length), events));
                reached = events.get(events.size() - 1).position();
            } else {
                Position position = Position.parse(new String(record.content(), StandardCharsets.US_ASCII))
                        .orElseThrow(() -> new IOException("no position at byte " + size + " of " + path));
                if (reached != null) {
                    recovery.reached(position);
                } else if (!position.equals(before)) {
                    // The first file, or those before it do not lead up to it.
                    recovery.from(position);
                }
                reached = position;
            }
            size += HEAD_BYTES + record.content().length;
        }
        if (reached == null || (!whole && !isLast)) {
            return null;
        }
        if (!whole) {
            LOG.info("{} ends within a record: its last {} bytes are cut off", path, length - size);
            file.setLength(size);
        }
        if (!isLast) {
            finish();
        }
        return reached;
    }

    private record Record(byte kind, byte[] content) {}

    /** The next record of those that are left; null if it is not whole. */
    private @Nullable Record record(long left) throws IOException {
        if (left < HEAD_BYTES) {
            return null;
        }
        int length = file.readInt();
        int checksum = file.readInt();
        byte kind = file.readByte();
        if (length < 0 || length > left - HEAD_BYTES) {
            return null;
        }
        byte[] content = new byte[length];
        file.readFully(content);
        return checksum == checksum(kind, content) ? new Record(kind, content) : null;
    }

    private static int checksum(byte kind, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(kind);
        crc.update(content, 0, content.length);
        return (int) crc.getValue();
    }
}
