package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.TransactionHeader.Kind;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One transaction as it stands in the spool. All integers are big-endian.
 *
 * <pre>
 * head      u32 magic, u32 page size, u64 state tag, u64 seq of the record before it
 * page*     u32 page number, content
 * end       u32 0, u32 how many pages stand above, u32 how many of them count
 * index     u32 page number, ascending, for each that counts; then for each u32 which of the pages above it is, from 0
 * trailer   {@value #TRAILER} bytes, see {@link #putTrailer}; the last four are the CRC-32C of everything before
 * </pre>
 *
 * A record is written from front to back, once, and is there when its trailer is whole. It is found by its end, and read from there. Of a page that stands above several times, the
 * last one counts. The state tag keeps out records of another state than the directory's.
 *
 * @param header what the transaction says of itself
 * @param entries how many pages were written
 * @param pages how many of them count
 * @param length bytes of the whole record
 */
record SpoolRecord(TransactionHeader header, long previousSeq, int entries, int pages, long length) {
    static final int MAGIC = 0x52545831;
    static final int TRAILER_MAGIC = 0x52545845;
    static final int HEAD = 24;
    static final int END = 12;
    static final int TRAILER = 84;

    /** What the records of a state are marked with. */
    static long tag(String stateId) {
        long tag = 0xcbf29ce484222325L;
        for (int i = 0; i < stateId.length(); i++) {
            tag = (tag ^ stateId.charAt(i)) * 0x100000001b3L;
        }
        return tag;
    }

    /** Where the content of the page that was written as number {@code entry} (from 0) stands in the record. */
    static long contentOffset(int entry, int pageSize) {
        return HEAD + (long) entry * (4 + pageSize) + 4;
    }

    static long length(int entries, int pages, int pageSize) {
        return HEAD + (long) entries * (4 + pageSize) + END + 8L * pages + TRAILER;
    }

    static void putHead(ByteBuffer to, int pageSize, long tag, long previousSeq) {
        to.putInt(MAGIC).putInt(pageSize).putLong(tag).putLong(previousSeq);
    }

    /** Everything but the checksum. */
    void putTrailer(ByteBuffer to) {
        LogPosition end = header.end();
        to.putInt(TRAILER_MAGIC).putInt(entries).putInt(pages).putLong(length).putLong(previousSeq);
        to.putLong(header.seq()).putInt(header.kind().code());
        to.putInt(header.pageSize()).putInt(header.pageCount()).putInt(header.complete() ? 1 : 0);
        to.putInt(end.salt1()).putInt(end.salt2()).putInt(end.frame());
        to.putInt(end.checksum1()).putInt(end.checksum2());
        to.putLong(header.capturedAtMillis());
    }

    /** The reverse of {@link #putTrailer}; null if it is none. */
    static @Nullable SpoolRecord readTrailer(ByteBuffer from) {
        if (from.getInt() != TRAILER_MAGIC) {
            return null;
        }
        int entries = from.getInt();
        int pages = from.getInt();
        long length = from.getLong();
        long previousSeq = from.getLong();
        long seq = from.getLong();
        Kind kind = kind(from.getInt());
        int pageSize = from.getInt();
        int pageCount = from.getInt();
        boolean complete = from.getInt() != 0;
        LogPosition end = new LogPosition(from.getInt(), from.getInt(), from.getInt(), from.getInt(), from.getInt());
        long capturedAt = from.getLong();
        if (kind == null || entries < 0 || pages < 0 || length != length(entries, pages, pageSize)) {
            return null;
        }
        return new SpoolRecord(
                new TransactionHeader(seq, kind, pageSize, pageCount, complete, end, capturedAt),
                previousSeq,
                entries,
                pages,
                length);
    }

    private static @Nullable Kind kind(int code) {
        for (Kind kind : Kind.values()) {
            if (kind.code() == code) {
                return kind;
            }
        }
        return null;
    }
}
