package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.log.LiveDatabase.TransactionSink;
import dev.rowtide.sqlite.log.WalIndex.Header;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code -wal} file ("Database File Format", section 4): a header of 32 bytes, then frames, each a header of 24 bytes and a page; numbers are big-endian. How far it is valid is for the
 * wal-index to say, never for the length of the file: old frames stay behind new ones. Used by one thread.
 *
 * <p>Every frame is verified: its salts are those of the log, and its checksum continues that of the frame before it. There is one exception that sound databases have. Libraries up to 3.50 at least leave
 * frames with zeros for salts and checksum after a cache spill and ROLLBACK TO, also in committed transactions; SQLite looks at them only when it recovers. Such frames are believed, because the wal-index
 * counts them as valid and its log is still ours, and they are counted. The position behind one has zeros for its checksum.
 */
final class WalReader implements AutoCloseable {
    static final int HEADER_BYTES = 32;
    static final int FRAME_HEADER_BYTES = 24;

    private static final int MAGIC = 0x377f0682;
    private static final int FORMAT = 3007000;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path wal;
    private final WalIndex index;
    private final byte[] frameHeader = new byte[FRAME_HEADER_BYTES];
    private FileChannel channel;
    private byte[] buffer = new byte[0];
    private byte[] page = new byte[0];
    private @Nullable LogHeader log;
    private final AtomicLong zeroedFrames = new AtomicLong();

    /** The running checksum. */
    private int sum1;

    private int sum2;

    /** What the header of a log says: its salts, its checksum, and how words are read for checksums. */
    private record LogHeader(int salt1, int salt2, int checksum1, int checksum2, VarHandle words) {}

    WalReader(Path wal, WalIndex index) throws IOException {
        this.wal = wal;
        this.index = index;
        this.channel = open(wal);
    }

    private static FileChannel open(Path wal) throws IOException {
        return FileChannel.open(wal, StandardOpenOption.READ);
    }

    long zeroedFrames() {
        return zeroedFrames.get();
    }

    /** Bytes of the file, valid or not. */
    long fileBytes() throws IOException {
        return channel.size();
    }

    /** Bytes of a log with so many frames. */
    static long bytes(int frames, int pageSize) {
        return frames == 0 ? 0 : offset(frames + 1, pageSize);
    }

    private static long offset(int frame, int pageSize) {
        return HEADER_BYTES + (long) (frame - 1) * (FRAME_HEADER_BYTES + pageSize);
    }

    /**
     * Hands every transaction behind {@code from} and up to {@code header} to the sink.
     *
     * @param from a position in the log of {@code header}
     * @throws LogLostException if the log was started over meanwhile
     * @throws DamagedDatabaseException if the bytes are not what was committed
     */
    LogPosition read(LogPosition from, Header header, TransactionSink sink) throws IOException {
        LogHeader known = logHeader(header);
        sum1 = from.frame() == 0 ? known.checksum1 : from.checksum1();
        sum2 = from.frame() == 0 ? known.checksum2 : from.checksum2();
        int pageSize = header.pageSize();
        int frameBytes = FRAME_HEADER_BYTES + pageSize;
        if (page.length != pageSize) {
            page = new byte[pageSize];
            buffer = new byte[Math.max(1, BUFFER_BYTES / frameBytes) * frameBytes];
        }
        int inBuffer = buffer.length / frameBytes;
        LogPosition end = from;
        for (int first = from.frame() + 1; first <= header.maxFrame(); first += inBuffer) {
            int count = Math.min(inBuffer, header.maxFrame() - first + 1);
            readFully(offset(first, pageSize), buffer, count * frameBytes, header);
            for (int i = 0; i < count; i++) {
                int frame = first + i;
                int at = i * frameBytes;
                verify(at, frameBytes, frame, known, header);
                int number = (int) BIG.get(buffer, at);
                if (number <= 0) {
                    throw damaged(header, "frame " + frame + " is for page " + Integer.toUnsignedString(number));
                }
                System.arraycopy(buffer, at + FRAME_HEADER_BYTES, page, 0, pageSize);
                sink.page(number, page);
                int pageCount = (int) BIG.get(buffer, at + 4);
                if (pageCount != 0) {
                    if (frame == header.maxFrame()) {
                        verifyEnd(header);
                    }
                    end = new LogPosition(header.salt1(), header.salt2(), frame, sum1, sum2);
                    sink.commit(pageSize, pageCount, end);
                }
            }
        }
        if (end.frame() != header.maxFrame()) {
            throw damaged(header, "frame " + header.maxFrame() + " is the last one, but ends no transaction");
        }
        return end;
    }

    /**
     * Verifies a frame in the buffer and moves the running checksum on. Behind a zeroed frame it is zero, and the frame that follows is believed, too: its writer went on from those zeros, or from a checksum that
     * is nowhere in the log any more.
     */
    private void verify(int at, int frameBytes, int frame, LogHeader known, Header header) throws IOException {
        int salt1 = (int) BIG.get(buffer, at + 8);
        int salt2 = (int) BIG.get(buffer, at + 12);
        int stored1 = (int) BIG.get(buffer, at + 16);
        int stored2 = (int) BIG.get(buffer, at + 20);
        if (salt1 == header.salt1() && salt2 == header.salt2()) {
            boolean afterZeroed = sum1 == 0 && sum2 == 0;
            checksum(known.words, buffer, at, 8);
            checksum(known.words, buffer, at + FRAME_HEADER_BYTES, frameBytes - FRAME_HEADER_BYTES);
            if (sum1 != stored1 || sum2 != stored2) {
                if (!afterZeroed || index.restartedSince(header)) {
                    throw damaged(
                            header,
                            "frame " + frame + " has the checksum " + hex(stored1, stored2) + ", but its bytes have "
                                    + hex(sum1, sum2));
                }
                zeroedFrames.incrementAndGet();
                sum1 = stored1;
                sum2 = stored2;
            }
        } else if (salt1 == 0 && salt2 == 0 && stored1 == 0 && stored2 == 0 && !index.restartedSince(header)) {
            zeroedFrames.incrementAndGet();
            sum1 = 0;
            sum2 = 0;
        } else {
            throw damaged(
                    header,
                    "frame " + frame + " has the salts " + hex(salt1, salt2) + ", but the log has "
                            + hex(header.salt1(), header.salt2()));
        }
    }

    /** The wal-index has the checksum of its last frame, too. */
    private void verifyEnd(Header header) throws IOException {
        boolean zeroed = sum1 == 0 && sum2 == 0;
        if (!zeroed && (sum1 != header.checksum1() || sum2 != header.checksum2())) {
            throw damaged(
                    header,
                    "frame " + header.maxFrame() + " has the checksum " + hex(sum1, sum2) + ", but the wal-index has "
                            + hex(header.checksum1(), header.checksum2()));
        }
    }

    /** Eight bytes at a time: two words go into two sums that feed each other. */
    private void checksum(VarHandle words, byte[] bytes, int from, int length) {
        int s1 = sum1;
        int s2 = sum2;
        // Branches on the handle so that each loop has a constant one.
        if (words == LITTLE) {
            for (int i = from; i < from + length; i += 8) {
                s1 += (int) LITTLE.get(bytes, i) + s2;
                s2 += (int) LITTLE.get(bytes, i + 4) + s1;
            }
        } else {
            for (int i = from; i < from + length; i += 8) {
                s1 += (int) BIG.get(bytes, i) + s2;
                s2 += (int) BIG.get(bytes, i + 4) + s1;
            }
        }
        sum1 = s1;
        sum2 = s2;
    }

    private LogHeader logHeader(Header header) throws IOException {
        LogHeader known = log;
        if (known != null && known.salt1 == header.salt1() && known.salt2 == header.salt2()) {
            return known;
        }
        byte[] bytes = new byte[HEADER_BYTES];
        readFully(0, bytes, HEADER_BYTES, header);
        int magic = (int) BIG.get(bytes, 0);
        int format = (int) BIG.get(bytes, 4);
        if ((magic & ~1) != MAGIC) {
            throw damaged(header, "it begins with " + Integer.toHexString(magic) + ", which is no log");
        }
        if (format != FORMAT) {
            throw new UnusableDatabaseException("The log " + wal + " has format " + format + "; only " + FORMAT
                    + " is known. The wal2 branch of SQLite writes another one, which cannot be followed.");
        }
        VarHandle words = (magic & 1) != 0 ? BIG : LITTLE;
        sum1 = 0;
        sum2 = 0;
        checksum(words, bytes, 0, 24);
        known = new LogHeader((int) BIG.get(bytes, 16), (int) BIG.get(bytes, 20), sum1, sum2, words);
        if (sum1 != (int) BIG.get(bytes, 24) || sum2 != (int) BIG.get(bytes, 28)) {
            throw damaged(header, "its header does not fit its checksum");
        }
        if (known.salt1 != header.salt1() || known.salt2 != header.salt2()) {
            throw damaged(
                    header,
                    "it has the salts " + hex(known.salt1, known.salt2) + ", but its wal-index has "
                            + hex(header.salt1(), header.salt2()));
        }
        if ((int) BIG.get(bytes, 8) != header.pageSize()) {
            throw damaged(
                    header,
                    "it has pages of " + BIG.get(bytes, 8) + " bytes, but its wal-index has " + header.pageSize());
        }
        log = known;
        return known;
    }

    /** Whether the log of {@code header} still has what was read up to {@code position}. */
    boolean contains(LogPosition position, Header header) throws IOException {
        if (position.salt1() != header.salt1() || position.salt2() != header.salt2()) {
            return false;
        }
        if (position.frame() == 0) {
            return true;
        }
        if (position.frame() > header.maxFrame()) {
            return false;
        }
        readFully(offset(position.frame(), header.pageSize()), frameHeader, FRAME_HEADER_BYTES, header);
        boolean zeroed = position.checksum1() == 0 && position.checksum2() == 0;
        return (int) BIG.get(frameHeader, 8) == (zeroed ? 0 : position.salt1())
                && (int) BIG.get(frameHeader, 12) == (zeroed ? 0 : position.salt2())
                && (int) BIG.get(frameHeader, 16) == position.checksum1()
                && (int) BIG.get(frameHeader, 20) == position.checksum2();
    }

    /**
     * Which frame has the newest version of each page, up to {@code header}. Only headers of frames are read.
     *
     * @throws LogLostException if the log was started over meanwhile
     */
    FrameMap map(Header header) throws IOException {
        FrameMap frames = new FrameMap(header.maxFrame());
        for (int frame = 1; frame <= header.maxFrame(); frame++) {
            readFully(offset(frame, header.pageSize()), frameHeader, FRAME_HEADER_BYTES, header);
            int salt1 = (int) BIG.get(frameHeader, 8);
            int salt2 = (int) BIG.get(frameHeader, 12);
            boolean ours = salt1 == header.salt1() && salt2 == header.salt2();
            if (!ours && (salt1 != 0 || salt2 != 0)) {
                throw damaged(header, "frame " + frame + " has the salts " + hex(salt1, salt2));
            }
            frames.put((int) BIG.get(frameHeader, 0), frame);
        }
        return frames;
    }

    /** Reads the page of a frame. */
    void readPage(int frame, Header header, byte[] into) throws IOException {
        readFully(offset(frame, header.pageSize()) + FRAME_HEADER_BYTES, into, into.length, header);
    }

    private void readFully(long at, byte[] into, int length, Header header) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(into, 0, length);
        while (target.hasRemaining()) {
            int n;
            try {
                n = channel.read(target, at + target.position());
            } catch (ClosedChannelException e) {
                // An interrupt closes a channel. No locks live on this file, so it is just opened again.
                if (!Thread.interrupted()) {
                    throw e;
                }
                channel = open(wal);
                readFully(at, into, length, header);
                Thread.currentThread().interrupt();
                return;
            }
            if (n < 0) {
                throw damaged(
                        header,
                        "it ends at byte " + (at + target.position()) + ", before frame " + header.maxFrame()
                                + " is complete");
            }
        }
    }

    /** Bytes that are wrong because the log was started over are not damaged. */
    private IOException damaged(Header header, String what) {
        if (index.restartedSince(header)) {
            return new LogLostException("The log " + wal + " was started over before it was read up to its end.");
        }
        return new DamagedDatabaseException(
                "The log " + wal + " is damaged: " + what
                        + ". What was committed cannot be read from it; check the disk, and let your application run PRAGMA wal_checkpoint(TRUNCATE) and PRAGMA integrity_check.");
    }

    private static String hex(int a, int b) {
        return Integer.toHexString(a) + "/" + Integer.toHexString(b);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
