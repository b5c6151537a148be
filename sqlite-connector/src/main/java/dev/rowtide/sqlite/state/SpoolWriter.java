package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes one record to the end of a segment. Pages go through a buffer straight to the file; eight bytes a page are held. Used by one thread. */
final class SpoolWriter implements CaptureState.TransactionWriter {
    private final Spool spool;
    private final StateFiles files;
    private final SpoolSegment segment;
    private final RandomAccessFile out;
    private final ByteBuffer buffer;
    private final long tag;
    private final long previousSeq;
    private final long start;
    private final CRC32C crc = new CRC32C();

    private int pageSize;
    private int entries;
    /** Page number in the upper half, which of the written pages it is in the lower. */
    private long[] order = new long[16];

    private volatile long drained;
    private volatile int buffered;
    private boolean touched;
    private boolean ended;

    SpoolWriter(
            Spool spool,
            StateFiles files,
            SpoolSegment segment,
            RandomAccessFile out,
            ByteBuffer buffer,
            long tag,
            long previousSeq)
            throws IOException {
        this.spool = spool;
        this.files = files;
        this.segment = segment;
        this.out = out;
        this.buffer = buffer;
        this.tag = tag;
        this.previousSeq = previousSeq;
        this.start = segment.length();
        out.seek(start);
    }

    @Override
    public void page(int number, byte[] content) throws IOException {
        checkOpen();
        if (number < 1) {
            throw new IllegalArgumentException("Page number " + number + ": the first is 1");
        }
        if (pageSize != 0 && content.length != pageSize) {
            throw new IllegalArgumentException(
                    "Page " + number + " has " + content.length + " bytes, and those before it have " + pageSize);
        }
        try {
            begin(content.length);
            room(4 + content.length).putInt(number).put(content);
        } catch (IOException e) {
            throw takeBackAfter(e);
        }
        buffered = buffer.position();
        if (entries == order.length) {
            order = Arrays.copyOf(order, entries + (entries >> 1));
        }
        order[entries] = (long) number << 32 | entries;
        entries++;
    }

    private void begin(int size) {
        if (pageSize == 0) {
            pageSize = size;
            SpoolRecord.putHead(buffer, size, tag, previousSeq);
        }
    }

    /** Bytes written so far. */
    long bytes() {
        return drained + buffered;
    }

    @Override
    public CapturedTransaction commit(
            TransactionHeader.Kind kind, int databasePageSize, int pageCount, boolean complete, LogPosition end)
            throws IOException {
        checkOpen();
        if (pageSize != 0 && databasePageSize != pageSize) {
            throw new IllegalArgumentException(
                    "The pages have " + pageSize + " bytes, and the database's have " + databasePageSize);
        }
        int[] pages = new int[entries];
        int[] which = new int[entries];
        int count = index(pages, which);
        if (count < entries) {
            pages = Arrays.copyOf(pages, count);
            which = Arrays.copyOf(which, count);
        }
        TransactionHeader header = new TransactionHeader(
                spool.nextSeq(), kind, databasePageSize, pageCount, complete, end, System.currentTimeMillis());
        long length = SpoolRecord.length(entries, count, databasePageSize);
        try {
            begin(databasePageSize);
            room(SpoolRecord.END).putInt(0).putInt(entries).putInt(count);
            putAll(pages);
            putAll(which);
            new SpoolRecord(header, previousSeq, entries, count, length).putTrailer(room(SpoolRecord.TRAILER));
            crc.update(buffer.array(), 0, buffer.position());
            buffer.putInt((int) crc.getValue());
            write();
        } catch (IOException e) {
            throw takeBackAfter(e);
        }
        ended = true;
        order = new long[0];
        SpooledTransaction transaction = new SpooledTransaction(spool, header, segment.base() + start, pages, which);
        spool.committed(segment, start + length, header);
        return transaction;
    }

    /** Sorts the pages, and keeps the last of each number. */
    private int index(int[] pages, int[] which) {
        Arrays.sort(order, 0, entries);
        int count = 0;
        for (int i = 0; i < entries; i++) {
            int number = (int) (order[i] >>> 32);
            if (count > 0 && pages[count - 1] == number) {
                count--;
            }
            pages[count] = number;
            which[count] = (int) order[i];
            count++;
        }
        return count;
    }

    private void putAll(int[] numbers) throws IOException {
        for (int number : numbers) {
            room(4).putInt(number);
        }
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            crc.update(buffer.array(), 0, buffer.position());
            write();
        }
        return buffer;
    }

    private void write() throws IOException {
        touched = true;
        files.probe(Step.SPOOL_WRITE);
        out.write(buffer.array(), 0, buffer.position());
        drained = drained + buffer.position();
        buffered = 0;
        buffer.clear();
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException("The transaction was committed or taken back");
        }
    }

    private IOException takeBackAfter(IOException cause) {
        try {
            close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return new IOException(
                "A transaction could not be written to " + segment.path() + " and was taken back: "
                        + cause.getMessage(),
                cause);
    }

    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        order = new long[0];
        try {
            if (touched) {
                files.probe(Step.SPOOL_CUT);
                out.setLength(start);
            }
        } catch (IOException e) {
            // What follows it would not be found after a restart, so nothing may follow it.
            spool.setBroken(e);
            throw e;
        } finally {
            spool.takenBack();
        }
    }
}
