package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The captured transactions, in segment files. A position in the spool counts bytes over all segments since it was opened, so that a later transaction always stands at a larger one.
 *
 * <p>Thread-safe. Its monitor guards the list of segments and what is known of each, against: the thread that appends, those that read, and the one that flushes. No page is read or
 * written under it.
 */
final class Spool implements AutoCloseable {
    private static final int TAIL = 1024;
    private static final int INDEX_CHUNK = 1 << 16;

    private final StateFiles files;
    private final long tag;
    private final long maxSegmentBytes;
    private final Runnable onCommit;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);

    private final List<SpoolSegment> segments = new ArrayList<>();
    private @Nullable RandomAccessFile out;
    private @Nullable SpoolWriter writer;
    private boolean namesChanged;
    private long nextSeq;
    private long flushedSeq;

    private volatile Tail tail;
    private volatile long flushedPosition;
    private volatile @Nullable Throwable broken;

    /** The newest transaction, in the spool or, if that is empty, in the shadow. */
    record Tail(long seq, LogPosition end) {}

    /**
     * @param segments what {@link SpoolRecovery} found, in order
     * @param tail the newest of them, or the shadow's
     * @param flushedSeq what the shadow has
     * @param onCommit told of each commit, on the thread that commits
     */
    Spool(
            StateFiles files,
            long tag,
            long maxSegmentBytes,
            List<SpoolSegment> segments,
            Tail tail,
            long flushedSeq,
            Runnable onCommit)
            throws IOException {
        this.files = files;
        this.tag = tag;
        this.maxSegmentBytes = maxSegmentBytes;
        this.onCommit = onCommit;
        this.segments.addAll(segments);
        this.tail = tail;
        this.nextSeq = tail.seq() + 1;
        flushed(flushedSeq);
    }

    Tail tail() {
        return tail;
    }

    /** Why nothing more can be appended, or null. */
    @Nullable
    Throwable broken() {
        return broken;
    }

    void setBroken(Throwable reason) {
        broken = reason;
        onCommit.run();
    }

    /** Bytes on the disk, with those of the transaction in the making. */
    synchronized long bytes() {
        long bytes = writer == null ? 0 : writer.bytes();
        for (SpoolSegment segment : segments) {
            bytes += segment.length();
        }
        return bytes;
    }

    synchronized void jumpTo(long seq) {
        nextSeq = Math.max(nextSeq, seq);
    }

    // Appending

    SpoolWriter begin() throws IOException {
        forceFullSegment();
        synchronized (this) {
            if (writer != null) {
                throw new IllegalStateException("There is a transaction in the making already");
            }
            SpoolSegment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
            if (last == null || last.length() >= maxSegmentBytes) {
                closeOut();
                last = createSegment();
            }
            RandomAccessFile file = out;
            if (file == null) {
                file = StateFiles.openPrivate(last.path());
                out = file;
            }
            buffer.clear();
            SpoolWriter begun = new SpoolWriter(this, files, last, file, buffer, tag, tail.seq());
            writer = begun;
            return begun;
        }
    }

    /** Before a new segment is begun, so that a power cut never leaves a hole between two segments. */
    private void forceFullSegment() throws IOException {
        SpoolSegment last;
        synchronized (this) {
            last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
            if (last == null || last.synced() || last.length() < maxSegmentBytes) {
                return;
            }
        }
        files.force(last.path(), Step.SPOOL_SYNC);
        synchronized (this) {
            last.setSynced();
        }
    }

    /** Names it by the number that its first transaction will have at least. */
    private SpoolSegment createSegment() throws IOException {
        Path path = files.spool().resolve(String.format("%019d.log", nextSeq));
        RandomAccessFile file = StateFiles.openPrivate(path);
        out = file;
        file.setLength(0);
        SpoolSegment segment = new SpoolSegment(path, endPosition());
        segments.add(segment);
        namesChanged = true;
        return segment;
    }

    private long endPosition() {
        if (segments.isEmpty()) {
            return flushedPosition;
        }
        SpoolSegment last = segments.get(segments.size() - 1);
        return last.base() + last.length();
    }

    /** The number of the transaction that is committed now. */
    synchronized long nextSeq() {
        return nextSeq;
    }

    /** The transaction in the making is whole in the file, up to {@code end}. */
    void committed(SpoolSegment segment, long end, TransactionHeader header) {
        synchronized (this) {
            segment.add(header.seq(), end);
            nextSeq = header.seq() + 1;
            tail = new Tail(header.seq(), header.end());
            writer = null;
        }
        onCommit.run();
    }

    /** The transaction in the making is no more. */
    void takenBack() throws IOException {
        synchronized (this) {
            writer = null;
        }
        deleteFlushed();
    }

    // Reading

    /** The first transaction beyond {@code seq}, or null. */
    @Nullable
    SpooledTransaction first(long seq) throws IOException {
        while (true) {
            SpoolSegment segment = null;
            long start = 0;
            long end = 0;
            synchronized (this) {
                for (SpoolSegment candidate : segments) {
                    if (candidate.count() > 0 && candidate.lastSeq() > seq) {
                        int index = candidate.firstBeyond(seq);
                        segment = candidate;
                        start = index == 0 ? 0 : candidate.end(index - 1);
                        end = candidate.end(index);
                        break;
                    }
                }
            }
            if (segment == null) {
                return null;
            }
            SpooledTransaction transaction = load(segment, start, end);
            if (transaction != null) {
                return transaction;
            }
            // It was flushed in between; the next one is looked for.
        }
    }

    private @Nullable SpooledTransaction load(SpoolSegment segment, long start, long end) throws IOException {
        byte[] bytes = new byte[(int) Math.min(TAIL, end - start)];
        if (!segment.read(end - bytes.length, bytes)) {
            return null;
        }
        ByteBuffer last = ByteBuffer.wrap(bytes);
        int trailer = bytes.length - SpoolRecord.TRAILER;
        SpoolRecord record = SpoolRecord.readTrailer(last.position(trailer));
        if (record == null || record.length() != end - start) {
            throw files.damaged(segment.path() + " has changed at byte " + start);
        }
        int[] index = new int[Math.multiplyExact(2, record.pages())];
        if (4L * index.length <= trailer) {
            last.position(trailer - 4 * index.length).slice().asIntBuffer().get(index);
        } else {
            byte[] chunk = new byte[INDEX_CHUNK];
            long from = end - SpoolRecord.TRAILER - 4L * index.length;
            for (int done = 0; done < index.length; ) {
                int ints = Math.min(INDEX_CHUNK / 4, index.length - done);
                byte[] target = ints * 4 == chunk.length ? chunk : new byte[ints * 4];
                if (!segment.read(from + 4L * done, target)) {
                    return null;
                }
                ByteBuffer.wrap(target).asIntBuffer().get(index, done, ints);
                done += ints;
            }
        }
        int[] pages = Arrays.copyOf(index, record.pages());
        int[] entries = Arrays.copyOfRange(index, record.pages(), index.length);
        return new SpooledTransaction(this, record.header(), segment.base() + start, pages, entries);
    }

    /**
     * Fills {@code content} from a position.
     *
     * @return whether it could; not if what stood there was flushed, and is gone
     */
    boolean read(long position, byte[] content) throws IOException {
        SpoolSegment segment = segmentAt(position);
        return segment != null && segment.read(position - segment.base(), content);
    }

    private synchronized @Nullable SpoolSegment segmentAt(long position) {
        int low = 0;
        int high = segments.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            SpoolSegment segment = segments.get(middle);
            if (position < segment.base()) {
                high = middle - 1;
            } else if (position >= segment.base() + segment.length()) {
                low = middle + 1;
            } else {
                return segment;
            }
        }
        return null;
    }

    // Flushing

    /** What stands before this position is in the shadow. */
    long flushedPosition() {
        return flushedPosition;
    }

    /**
     * How far to flush at once.
     *
     * @return the newest transaction up to {@code acknowledged}, or an earlier one if that is more than {@code maxBytes}; what is flushed already if there is none
     */
    synchronized long flushTarget(long acknowledged, long maxBytes) {
        long target = flushedSeq;
        for (SpoolSegment segment : segments) {
            int limit = segment.firstBeyond(acknowledged);
            for (int i = segment.firstBeyond(flushedSeq); i < limit; i++) {
                if (target > flushedSeq && segment.base() + segment.end(i) - flushedPosition > maxBytes) {
                    return target;
                }
                target = segment.seq(i);
            }
        }
        return target;
    }

    /** Bytes of the transactions up to {@code acknowledged} that are not flushed. */
    synchronized long unflushedBytes(long acknowledged) {
        return Math.max(0, positionBehind(acknowledged) - flushedPosition);
    }

    private long positionBehind(long seq) {
        long position = flushedPosition;
        for (SpoolSegment segment : segments) {
            int index = segment.firstBeyond(seq);
            if (index > 0) {
                position = segment.base() + segment.end(index - 1);
            }
        }
        return position;
    }

    /** Forces all transactions to the disk that were committed before the call. */
    void force() throws IOException {
        List<SpoolSegment> unsynced = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        boolean names;
        synchronized (this) {
            for (SpoolSegment segment : segments) {
                if (!segment.synced() && segment.count() > 0) {
                    unsynced.add(segment);
                    counts.add(segment.count());
                }
            }
            names = namesChanged;
            namesChanged = false;
        }
        for (int i = 0; i < unsynced.size(); i++) {
            SpoolSegment segment = unsynced.get(i);
            files.force(segment.path(), Step.SPOOL_SYNC);
            synchronized (this) {
                if (segment.count() == counts.get(i)) {
                    segment.setSynced();
                }
            }
        }
        if (names) {
            files.forceDirectory(files.spool());
        }
    }

    /** The shadow has everything up to {@code seq}, durably: what stands before is read from there from now on, and segments without anything newer are deleted. */
    void flushed(long seq) throws IOException {
        synchronized (this) {
            flushedPosition = positionBehind(seq);
            flushedSeq = seq;
        }
        deleteFlushed();
    }

    private void deleteFlushed() throws IOException {
        // Deleting a large file takes a while; nobody waits for it.
        for (SpoolSegment segment : removeFlushed()) {
            segment.drop();
            files.probe(Step.SEGMENT_DELETE);
            Files.deleteIfExists(segment.path());
        }
    }

    private synchronized List<SpoolSegment> removeFlushed() throws IOException {
        List<SpoolSegment> removed = new ArrayList<>();
        while (!segments.isEmpty()) {
            SpoolSegment oldest = segments.get(0);
            boolean current = segments.size() == 1;
            if (oldest.count() == 0 || oldest.lastSeq() > flushedSeq || (current && writer != null)) {
                break;
            }
            if (current) {
                closeOut();
            }
            removed.add(segments.remove(0));
        }
        return removed;
    }

    private void closeOut() throws IOException {
        RandomAccessFile file = out;
        out = null;
        if (file != null) {
            file.close();
        }
    }

    /** Gives up its files; they stay. */
    @Override
    public synchronized void close() throws IOException {
        closeOut();
        for (SpoolSegment segment : segments) {
            segment.drop();
        }
    }
}
