package dev.rowtide.sqlite.rows;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The declared keys of the rows that a transaction created in one table, and for those that it also deleted, the rowid of the deleted row: {@code INSERT OR REPLACE} is one update to a consumer.
 * Bounded; whether the bound is reached depends on the created keys only.
 */
final class KeyedPairs {
    /** Bytes of keys, and of what is kept with each. Beyond it nothing is paired, and the same rows come as deletes and creates. */
    static final int LIMIT = 16 << 20;

    private static final int OVERHEAD = 24;
    private static final byte CREATED = 0;
    private static final byte PAIRED = 1;
    private static final byte TAKEN = 2;

    private final int limit;
    private byte[] keys = new byte[1024];
    private int[] ends = new int[16];
    private long[] rowids = new long[16];
    private byte[] states = new byte[16];
    private int[] slots = new int[32];
    private int count;

    KeyedPairs(int limit) {
        this.limit = limit;
    }

    /** @return false if there is no room for it; then this is of no use any more */
    boolean create(byte[] key) {
        int used = end(count - 1);
        if (used + (long) key.length + (count + 1L) * OVERHEAD > limit) {
            return false;
        }
        if (2 * (count + 1) > slots.length) {
            rehash();
        }
        int slot = slot(key);
        if (slots[slot] != 0) {
            return true;
        }
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
            rowids = Arrays.copyOf(rowids, 2 * count);
            states = Arrays.copyOf(states, 2 * count);
        }
        if (used + key.length > keys.length) {
            keys = Arrays.copyOf(keys, Math.max(used + key.length, 2 * keys.length));
        }
        System.arraycopy(key, 0, keys, used, key.length);
        ends[count] = used + key.length;
        slots[slot] = ++count;
        return true;
    }

    /** @return whether a row of that key was created, too, and the deleted row is not yet spoken for */
    boolean delete(byte[] key, long rowid) {
        int entry = slots[slot(key)] - 1;
        if (entry < 0 || states[entry] != CREATED) {
            return false;
        }
        states[entry] = PAIRED;
        rowids[entry] = rowid;
        return true;
    }

    /** The deleted row that a created one continues. Each is given out once. */
    OptionalLong take(byte[] key) {
        int entry = slots[slot(key)] - 1;
        if (entry < 0 || states[entry] != PAIRED) {
            return OptionalLong.empty();
        }
        states[entry] = TAKEN;
        return OptionalLong.of(rowids[entry]);
    }

    private int end(int entry) {
        return entry < 0 ? 0 : ends[entry];
    }

    private void rehash() {
        slots = new int[2 * slots.length];
        for (int entry = 0; entry < count; entry++) {
            slots[slot(Arrays.copyOfRange(keys, end(entry - 1), end(entry)))] = entry + 1;
        }
    }

    private int slot(byte[] key) {
        int hash = Arrays.hashCode(key) * 0x9E3779B9;
        int slot = hash >>> (32 - Integer.numberOfTrailingZeros(slots.length));
        while (slots[slot] != 0) {
            int entry = slots[slot] - 1;
            if (Arrays.equals(keys, end(entry - 1), end(entry), key, 0, key.length)) {
                return slot;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }
}
