package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.state.LogPosition;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The head of the wal-index, the {@code -shm} file, as a mapping that is only read: how far the log is committed, and how far it was copied into the database ("WAL-mode File
 * Format", section 2.1). Numbers stand in the machine's own byte order.
 *
 * <p>A writer stores the header twice, the second copy first. So the first copy is read first: if both are equal, no store happened in between. Thread-safe.
 */
final class WalIndex {
    /** The two copies of the header, the checkpoint fields and the lock bytes. */
    static final int MAPPED_BYTES = 136;

    private static final int VERSION = 3007000;
    private static final int HEADER_INTS = 12;
    private static final int SECOND_COPY = 48;
    private static final int BACKFILLED = 96;
    private static final int MAX_PAGE_SIZE = 65536;
    private static final int SPINS = 200;

    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final ByteBuffer memory;

    /** @param memory the first {@link #MAPPED_BYTES} of the file, in native order */
    WalIndex(ByteBuffer memory) {
        if (memory.capacity() < MAPPED_BYTES) {
            throw new IllegalArgumentException("A mapping of " + memory.capacity() + " bytes is too short");
        }
        this.memory = memory;
    }

    /**
     * The wal-index at one commit.
     *
     * @param change one more at each commit, 0 after a recovery
     * @param pageSize bytes a page
     * @param maxFrame the last valid frame, which always ends a transaction; 0 for an empty log
     * @param pageCount pages of the database
     * @param checksum1 of the last valid frame
     * @param checksum2 its second half
     * @param salt1 as it stands, or will stand, in the log's header
     * @param salt2 likewise
     */
    record Header(
            int change, int pageSize, int maxFrame, int pageCount, int checksum1, int checksum2, int salt1, int salt2) {
        /** The same log, before its first frame. */
        Header atBeginning() {
            return new Header(change, pageSize, 0, pageCount, checksum1, checksum2, salt1, salt2);
        }

        /** Behind the last valid frame. */
        LogPosition position() {
            return maxFrame == 0
                    ? new LogPosition(salt1, salt2, 0, 0, 0)
                    : new LogPosition(salt1, salt2, maxFrame, checksum1, checksum2);
        }

        boolean sameLog(Header other) {
            return salt1 == other.salt1 && salt2 == other.salt2;
        }
    }

    /** The header as it is now, or null if both copies differ or do not add up: a writer is at it, or died at it. */
    @Nullable
    Header tryRead() throws UnusableDatabaseException {
        int[] copy = new int[HEADER_INTS];
        for (int spin = 0; spin < SPINS; spin++) {
            for (int i = 0; i < HEADER_INTS; i++) {
                copy[i] = at(4 * i);
            }
            VarHandle.fullFence();
            boolean equal = true;
            for (int i = 0; i < HEADER_INTS && equal; i++) {
                equal = copy[i] == at(SECOND_COPY + 4 * i);
            }
            if (equal && initialized(copy) && soundChecksum(copy)) {
                return header(copy);
            }
            Thread.onSpinWait();
        }
        return null;
    }

    /** Bytes 12 to 15 are isInit, bigEndCksum and the page size; as memory, not as an int. */
    private static boolean initialized(int[] copy) {
        return (LITTLE ? copy[3] & 0xff : copy[3] >>> 24) != 0;
    }

    private static boolean soundChecksum(int[] copy) {
        int s0 = 0;
        int s1 = 0;
        for (int i = 0; i < HEADER_INTS - 2; i += 2) {
            s0 += copy[i] + s1;
            s1 += copy[i + 1] + s0;
        }
        return s0 == copy[10] && s1 == copy[11];
    }

    private static Header header(int[] copy) throws UnusableDatabaseException {
        if (copy[0] != VERSION) {
            throw new UnusableDatabaseException("The wal-index has format " + copy[0] + "; only " + VERSION
                    + " is known. Another kind of SQLite writes this database, and it cannot be followed.");
        }
        int size = LITTLE ? copy[3] >>> 16 : copy[3] & 0xffff;
        return new Header(
                copy[2],
                size == 1 ? MAX_PAGE_SIZE : size,
                copy[4],
                copy[5],
                copy[6],
                copy[7],
                salt(copy[8]),
                salt(copy[9]));
    }

    /** Salts are stored as the bytes of the log's header, which are big-endian. */
    private static int salt(int stored) {
        return LITTLE ? Integer.reverseBytes(stored) : stored;
    }

    /**
     * Whether anything was committed, or is just being published, since {@code seen} was read. It looks at the copy that is written first: one that a dying writer
     * left half-written is noticed, too.
     */
    boolean movedSince(Header seen) {
        return at(SECOND_COPY + 8) != seen.change || at(SECOND_COPY + 16) != seen.maxFrame;
    }

    /** Whether the log was started over since {@code seen} was read. Salts change here before the first new frame is written over an old one. */
    boolean restartedSince(Header seen) {
        return salt(at(SECOND_COPY + 32)) != seen.salt1 || salt(at(SECOND_COPY + 36)) != seen.salt2;
    }

    /** The last valid frame, perhaps of a header that is just being written. */
    int maxFrame() {
        return at(16);
    }

    /** How many frames of the log are in the database already. */
    int backfilled() {
        return at(BACKFILLED);
    }

    private int at(int offset) {
        return (int) INT.getVolatile(memory, offset);
    }
}
