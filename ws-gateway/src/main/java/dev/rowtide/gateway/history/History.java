package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of the last minutes in position order, and everybody's way to find a place in them. Fan-out thread only.
 *
 * <p>It goes from a {@linkplain #start start}, behind which everything is there, to the newest change. Changes are {@linkplain Segment numbered}; a
 * reader holds the number of the change that it wants next, and nothing else.
 *
 * <p>The newest are held as objects with their frames as well, about {@value #UNPACKED_BYTES} bytes of heap. Older segments are unpacked when somebody reads them and then shared by all who do,
 * about {@value #REREAD_BYTES} bytes.
 */
public final class History implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);

    private static final long UNPACKED_BYTES = 48 * 1024 * 1024;
    private static final long REREAD_BYTES = 32 * 1024 * 1024;

    private final long maxAgeNanos;
    private final long maxBytes;
    private final HistoryReader reader;

    // In number order, without holes. Found by binary search, so a list; its head moves.
    private final List<Segment> segments = new ArrayList<>();
    private int firstSegment;
    private int firstUnpacked;
    private long bytes;
    private long unpackedBytes;
    private final Deque<Segment> reread = new ArrayDeque<>();
    private long rereadBytes;

    private long end;
    private boolean placed;
    private @Nullable Position start;
    private @Nullable Position reached;
    private @Nullable Epoch before;
    private GapReason whyBefore = GapReason.EPOCH_CHANGED;

    /** Where a subscriber's position is in the history. */
    public sealed interface Place {
        /** Behind the position comes the change of that number. */
        record At(long number) implements Place {}

        /** Nothing as late as the position has come yet. */
        record Later() implements Place {}

        /** What came after the position is not here. */
        record Lost(GapReason reason) implements Place {}
    }

    /**
     * @param maxAgeNanos for how long changes are kept after they were published
     * @param maxBytes how many bytes of packed changes are kept
     * @param fanout runs what it is given on the fan-out thread
     */
    public History(long maxAgeNanos, long maxBytes, Executor fanout) {
        this.maxAgeNanos = maxAgeNanos;
        this.maxBytes = maxBytes;
        this.reader = new HistoryReader(fanout);
    }

    // ---- what is in it

    /** The number of the oldest change that is here; {@link #end} if there is none. */
    public long begin() {
        return firstSegment == segments.size()
                ? end
                : segments.get(firstSegment).begin();
    }

    /** The number that the next change will have. */
    public long end() {
        return end;
    }

    /** Whether it is known that what comes continues what is here. Until then nobody finds a place. */
    public boolean isPlaced() {
        return placed;
    }

    /** Packed, in bytes. */
    public long bytes() {
        return bytes;
    }

    // ---- what comes

    /** Adds changes; they continue those before them. */
    public void append(List<DataChangeEvent> events, HistoryStore.Pack pack, long nowNanos) {
        Position first = events.get(0).position();
        if (start == null) {
            // Nobody has said where the source begins: just before its first change.
            start = first.before();
        }
        Segment segment = newest();
        if (segment == null || !segment.takes(first.epoch())) {
            segment = new Segment(end, first.epoch());
            segments.add(segment);
        }
        long before = segment.bytes();
        long heapBefore = segment.heapBytes();
        segment.append(events, pack, nowNanos);
        end += events.size();
        bytes += segment.bytes() - before;
        unpackedBytes += segment.heapBytes() - heapBefore;
        reached = events.get(events.size() - 1).position();
        while (unpackedBytes > UNPACKED_BYTES && firstUnpacked < segments.size() - 1) {
            Segment cooled = segments.get(firstUnpacked++);
            cooled.cool();
            unpackedBytes -= cooled.heapBytes();
        }
        // Never the newest: it is being delivered.
        while (bytes > maxBytes && firstSegment < segments.size() - 1) {
            forgetOldest();
        }
    }

    /**
     * The source begins at {@code boundary}, which is no later than what is here.
     *
     * @return the number of the first change after it; if that is not here any more, of the oldest
     */
    public long place(Position boundary) {
        placed = true;
        if (start == null) {
            start = boundary;
            reached = boundary;
        }
        return find(boundary) instanceof Place.At at ? at.number() : begin();
    }

    /** Everything before {@code boundary} is here. */
    public void reached(Position boundary) {
        reached = boundary;
    }

    /** The source begins anew; nothing of before is comparable with what comes. */
    public void restart(GapReason reason, Position first) {
        before = start == null ? null : start.epoch();
        whyBefore = reason;
        while (firstSegment < segments.size()) {
            forgetOldest();
        }
        start = first;
        reached = first;
        placed = true;
    }

    /** Begins with what an earlier process has kept, from {@code position} on. */
    public void recover(Position position) {
        restart(GapReason.HISTORY_EXPIRED, position);
        placed = false;
    }

    /** Forgets what is too old. Not while the newest changes are being delivered. */
    public void expire(long nowNanos) {
        while (firstSegment < segments.size()
                && nowNanos - segments.get(firstSegment).newestNanos() > maxAgeNanos) {
            forgetOldest();
        }
    }

    private void forgetOldest() {
        Segment oldest = segments.get(firstSegment);
        start = oldest.last();
        bytes -= oldest.bytes();
        if (firstUnpacked == firstSegment) {
            firstUnpacked++;
            unpackedBytes -= oldest.heapBytes();
        } else if (reread.remove(oldest)) {
            rereadBytes -= oldest.heapBytes();
        }
        oldest.packs().forEach(HistoryStore.Pack::forget);
        oldest.cool();
        firstSegment++;
        if (firstSegment > 64 && firstSegment > segments.size() / 2) {
            segments.subList(0, firstSegment).clear();
            firstUnpacked -= firstSegment;
            firstSegment = 0;
        }
    }

    // ---- finding a place

    /** Where reading on after {@code position} begins. */
    public Place find(Position position) {
        Position from = start;
        Position to = reached;
        if (!placed || from == null || to == null) {
            return new Place.Later();
        }
        if (!position.epoch().equals(to.epoch())) {
            return new Place.Lost(position.epoch().equals(before) ? whyBefore : GapReason.EPOCH_CHANGED);
        }
        if (from.isAfter(position)) {
            return new Place.Lost(GapReason.HISTORY_EXPIRED);
        }
        if (position.isAfter(to)) {
            return new Place.Later();
        }
        int low = firstSegment;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).last().isAfter(position)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return new Place.At(low == segments.size() ? end : segments.get(low).after(position));
    }

    /** The segment of a change that is here. */
    public Segment segment(long number) {
        int low = firstSegment;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).end() > number) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return segments.get(low);
    }

    /** How many of the changes {@code [from, to)} {@code interest} may want. */
    public int count(Interest interest, long from, long to) {
        int count = 0;
        for (long number = Math.max(from, begin()); number < to; ) {
            Segment segment = segment(number);
            count += segment.count(interest, number, Math.min(to, segment.end()));
            number = segment.end();
        }
        return count;
    }

    // ---- reading what is packed

    /**
     * Makes the changes of a segment be there soon.
     *
     * @param done run on the fan-out thread when they are, or when they cannot be read and are forgotten
     */
    public void unpack(Segment segment, Runnable done) {
        boolean already = segment.startUnpacking(done);
        if (!already) {
            reader.read(segment.packs(), events -> unpacked(segment, events), failure -> unreadable(segment, failure));
        }
    }

    private void unpacked(Segment segment, List<DataChangeEvent> events) {
        if (segment.begin() >= begin()) {
            segment.unpacked(events);
            reread.add(segment);
            rereadBytes += segment.heapBytes();
            while (rereadBytes > REREAD_BYTES && reread.size() > 1) {
                Segment cooled = reread.remove();
                cooled.cool();
                rereadBytes -= cooled.heapBytes();
            }
        }
        segment.endUnpacking();
    }

    private void unreadable(Segment segment, IOException failure) {
        LOG.error(
                "Changes {} to {} of the history cannot be read; who still needs them, or older ones, is told of a gap",
                segment.begin(),
                segment.end() - 1,
                failure);
        while (begin() <= segment.begin() && firstSegment < segments.size()) {
            forgetOldest();
        }
        segment.endUnpacking();
    }

    private @Nullable Segment newest() {
        return firstSegment == segments.size() ? null : segments.get(segments.size() - 1);
    }

    @Override
    public void close() {
        reader.close();
    }
}
