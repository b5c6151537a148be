package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the history: some thousand changes, packed, and beside them what tells whom they may concern, so that a reader skips a segment that has nothing for it
 * without unpacking it. The newest segments, and those that are being read, hold the changes themselves too. Fan-out thread only.
 *
 * <p>Changes are numbered from the beginning of this process's history.
 */
public final class Segment {
    /** A segment that has this many changes, or that many packed bytes, gets no more. */
    private static final int MAX_CHANGES = 2048;

    private static final int MAX_BYTES = 1024 * 1024;

    /** What a change takes as objects, with a frame, beside its values: measured, of small rows. */
    private static final int HEAP_BYTES_EACH = 800;

    private static final int MAX_RESOURCES = 1024;

    private static final long NO_RECORD = 0;
    private static final long ALL_RECORDS = 1;

    private final long begin;
    private final Epoch epoch;
    private final List<HistoryStore.Pack> packs = new ArrayList<>();
    private long bytes;
    private long newestNanos;
    private int size;

    // Of each change.
    private long[] commits = new long[16];
    private int[] indexes = new int[16];
    private long[] keys = new long[16];
    private short[] resources = new short[16];

    // The resources that occur; a change has the index of its own.
    private final List<String> names = new ArrayList<>(4);
    private boolean truncates;

    // Once it is full.
    private long @Nullable [] sortedKeys;

    private Change @Nullable [] changes = new Change[16];
    private final List<Runnable> waiting = new ArrayList<>(0);

    Segment(long begin, Epoch epoch) {
        this.begin = begin;
        this.epoch = epoch;
    }

    /** The key by which the changes of a record are found. Those of different records are equal with a probability of 2<sup>-64</sup>. */
    public static long key(String resource, String id) {
        long hash = resource.hashCode() * 0x9E3779B97F4A7C15L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return hash == NO_RECORD || hash == ALL_RECORDS ? 2 : hash;
    }

    // ---- what it is

    /** The number of its first change. */
    public long begin() {
        return begin;
    }

    /** The number behind that of its last change. */
    public long end() {
        return begin + size;
    }

    /** What its changes take when packed, in bytes. */
    long bytes() {
        return bytes;
    }

    /** About what its changes take as objects, with their frames, in bytes. */
    long heapBytes() {
        return 2 * bytes + (long) HEAP_BYTES_EACH * size;
    }

    /** When its newest changes were published. */
    long newestNanos() {
        return newestNanos;
    }

    List<HistoryStore.Pack> packs() {
        return packs;
    }

    // ---- appending

    boolean takes(Epoch epochOfMore) {
        return sortedKeys == null && epoch.equals(epochOfMore);
    }

    void append(List<DataChangeEvent> events, HistoryStore.Pack pack, long nowNanos) {
        room(size + events.size());
        for (DataChangeEvent event : events) {
            Position position = event.position();
            commits[size] = position.commit();
            indexes[size] = position.index();
            boolean truncate = event.operation() == Operation.TRUNCATE;
            truncates |= truncate;
            keys[size] = truncate
                    ? ALL_RECORDS
                    : event.id() == null
                            ? NO_RECORD
                            : key(event.resource(), event.id().text());
            resources[size] = (short) resource(event.resource());
            if (changes != null) {
                changes[size] = new Change(event);
            }
            size++;
        }
        packs.add(pack);
        bytes += pack.bytes();
        newestNanos = nowNanos;
        if (size >= MAX_CHANGES || bytes >= MAX_BYTES || names.size() >= MAX_RESOURCES) {
            finish();
        }
    }

    private int resource(String name) {
        int number = names.indexOf(name);
        if (number < 0) {
            number = names.size();
            names.add(name);
        }
        return number;
    }

    private void room(int needed) {
        if (needed > commits.length) {
            int length = Math.max(needed, commits.length * 2);
            commits = Arrays.copyOf(commits, length);
            indexes = Arrays.copyOf(indexes, length);
            keys = Arrays.copyOf(keys, length);
            resources = Arrays.copyOf(resources, length);
            if (changes != null) {
                changes = Arrays.copyOf(changes, length);
            }
        }
    }

    private void finish() {
        commits = Arrays.copyOf(commits, size);
        indexes = Arrays.copyOf(indexes, size);
        keys = Arrays.copyOf(keys, size);
        resources = Arrays.copyOf(resources, size);
        long[] sorted = keys.clone();
        Arrays.sort(sorted);
        sortedKeys = sorted;
    }

    // ---- looking for something in it

    /** The number of its first change after {@code position}, which is of its epoch; its end if there is none. */
    long after(Position position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int byCommit = Long.compareUnsigned(commits[middle], position.commit());
            boolean isAfter = byCommit > 0 || (byCommit == 0 && indexes[middle] > position.index());
            if (isAfter) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return begin + low;
    }

    /** Where its last change is. */
    Position last() {
        return new Position(epoch, commits[size - 1], indexes[size - 1]);
    }

    /** The number of the first change in {@code [from, to)} that {@code interest} may want; {@code to} if there is none. */
    public long next(Interest interest, long from, long to) {
        boolean[] whole = wholeResources(interest);
        if (whole == null) {
            return to;
        }
        for (int i = (int) (from - begin); i < to - begin; i++) {
            if (mayWant(interest, whole, i)) {
                return begin + i;
            }
        }
        return to;
    }

    /** How many of the changes {@code [from, to)} {@code interest} may want. */
    int count(Interest interest, long from, long to) {
        boolean[] whole = wholeResources(interest);
        if (whole == null) {
            return 0;
        }
        int count = 0;
        for (int i = (int) (from - begin); i < to - begin; i++) {
            count += mayWant(interest, whole, i) ? 1 : 0;
        }
        return count;
    }

    private boolean mayWant(Interest interest, boolean[] whole, int i) {
        if (whole[resources[i]]) {
            return true;
        }
        long key = keys[i];
        return key == ALL_RECORDS
                ? interest.inRecordsOf(names.get(resources[i]))
                : key != NO_RECORD && interest.inRecord(key);
    }

    /** Which of the {@link #names} are wanted whole; null if nothing here can be wanted. */
    private boolean @Nullable [] wholeResources(Interest interest) {
        boolean[] whole = new boolean[names.size()];
        boolean any = false;
        for (int i = 0; i < whole.length; i++) {
            whole[i] = interest.inResource(names.get(i));
            any |= whole[i] || (truncates && interest.inRecordsOf(names.get(i)));
        }
        return any || hasAny(interest.recordKeys()) ? whole : null;
    }

    private boolean hasAny(long[] wanted) {
        long[] sorted = sortedKeys;
        if (sorted == null) {
            return wanted.length > 0;
        }
        for (long key : wanted) {
            if (Arrays.binarySearch(sorted, key) >= 0) {
                return true;
            }
        }
        return false;
    }

    // ---- the changes themselves

    /** The change of that number; null while only the packed form is here. */
    public @Nullable Change change(long number) {
        return changes == null ? null : changes[(int) (number - begin)];
    }

    /** Keeps only the packed form. */
    void cool() {
        changes = null;
    }

    void unpacked(List<DataChangeEvent> events) {
        Change[] all = new Change[Math.max(1, keys.length)];
        for (int i = 0; i < events.size(); i++) {
            all[i] = new Change(events.get(i));
        }
        changes = all;
    }

    /** Remembers who waits for the changes. Returns whether they are under way already. */
    boolean startUnpacking(Runnable done) {
        boolean already = !waiting.isEmpty();
        waiting.add(done);
        return already;
    }

    void endUnpacking() {
        List<Runnable> told = List.copyOf(waiting);
        waiting.clear();
        told.forEach(Runnable::run);
    }
}
