package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.StoredValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the different rows of two trees whose orders cannot be compared: a collation that only the users' programs know, or a table that became WITHOUT ROWID. Rows come in the order of their
 * {@link CanonicalKey}.
 *
 * <p>Takes as many passes over both trees as it needs to stay within its bound: each pass keeps the smallest keys behind those of the pass before. Most often both trees are in nearly the same
 * order, equal rows meet at once, and one pass is enough; only a table that was filled or emptied takes many.
 */
final class KeyJoin {
    /** Bytes of rows held in one pass; one row may be larger. */
    static final int LIMIT = 16 << 20;

    private static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

    /** A row of one side, or of both. */
    static final class Match {
        private StoredValue @Nullable [] before;
        private StoredValue @Nullable [] after;
        private OptionalLong rowidBefore = OptionalLong.empty();
        private OptionalLong rowidAfter = OptionalLong.empty();
        private long size;

        StoredValue @Nullable [] before() {
            return before;
        }

        StoredValue @Nullable [] after() {
            return after;
        }

        /** After, or before if it is gone. */
        OptionalLong rowid() {
            return after != null ? rowidAfter : rowidBefore;
        }
    }

    private final Supplier<RowCursor> befores;
    private final Supplier<RowCursor> afters;
    private final List<Integer> key;
    private final long limit;
    private final TreeMap<byte[], Match> found = new TreeMap<>(ORDER);
    private long foundSize;
    private byte @Nullable [] last;

    /** Keys from here on did not fit into this pass; null if all did. */
    private byte @Nullable [] end;

    private boolean passed;

    /** @param key the columns of the key, of the definition after */
    KeyJoin(Supplier<RowCursor> befores, Supplier<RowCursor> afters, List<Integer> key, long limit) {
        this.befores = befores;
        this.afters = afters;
        this.key = key;
        this.limit = limit;
    }

    /** Goes on behind a key. */
    void seekAfter(byte @Nullable [] key) {
        last = key;
        found.clear();
        foundSize = 0;
        end = null;
        passed = false;
    }

    /** The next row that differs; null at the end. */
    @Nullable
    Match next() throws IOException {
        while (found.isEmpty()) {
            if (passed && end == null) {
                return null;
            }
            pass();
        }
        Map.Entry<byte[], Match> first = found.pollFirstEntry();
        last = first.getKey();
        foundSize -= first.getValue().size;
        return first.getValue();
    }

    private void pass() throws IOException {
        // Keys below the end of the last pass are done, also those whose rows turned out to be equal.
        byte[] from = end;
        end = null;
        passed = true;
        RowCursor before = befores.get();
        RowCursor after = afters.get();
        boolean more = true;
        while (more) {
            more = before.next();
            if (more) {
                take(before, true, from);
            }
            if (after.next()) {
                take(after, false, from);
                more = true;
            }
        }
        found.values().removeIf(match -> match.before != null && Arrays.equals(match.before, match.after));
    }

    private void take(RowCursor cursor, boolean isBefore, byte @Nullable [] from) throws IOException {
        StoredValue[] row = cursor.row();
        byte[] bytes = CanonicalKey.of(row, key);
        if (bytes == null) {
            bytes = unpaired(isBefore, cursor);
        }
        if ((last != null && ORDER.compare(bytes, last) <= 0)
                || (from != null && ORDER.compare(bytes, from) < 0)
                || (end != null && ORDER.compare(bytes, end) >= 0)) {
            return;
        }
        Match match = found.computeIfAbsent(bytes, absent -> new Match());
        if (isBefore) {
            match.before = row;
            match.rowidBefore = cursor.rowid();
        } else {
            match.after = row;
            match.rowidAfter = cursor.rowid();
        }
        long size = bytes.length + 128L + size(row);
        match.size += size;
        foundSize += size;
        if (match.before != null && Arrays.equals(match.before, match.after)) {
            foundSize -= match.size;
            found.remove(bytes);
        }
        while (foundSize > limit && found.size() > 1) {
            Map.Entry<byte[], Match> largest = found.pollLastEntry();
            foundSize -= largest.getValue().size;
            end = largest.getKey();
        }
    }

    /** A declared key may hold NULL in a rowid table. Such a row is paired with none. */
    private static byte[] unpaired(boolean isBefore, RowCursor cursor) {
        return ByteBuffer.allocate(10)
                .put((byte) 0)
                .put((byte) (isBefore ? 0 : 1))
                .putLong(cursor.rowid().orElse(0))
                .array();
    }

    private static long size(StoredValue[] row) {
        long size = 0;
        for (StoredValue value : row) {
            size += 40;
            if (value instanceof StoredValue.Text text) {
                size += text.bytes().length;
            } else if (value instanceof StoredValue.Blob blob) {
                size += blob.bytes().length;
            }
        }
        return size;
    }
}
