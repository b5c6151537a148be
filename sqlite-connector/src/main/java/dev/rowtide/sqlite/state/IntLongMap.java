package dev.rowtide.sqlite.state;

import java.util.Arrays;

/** From page numbers to positions in the spool, without objects: about 20 bytes an entry. Open addressing, linear probing; 0 is no page number. */
final class IntLongMap {
    private static final int SMALLEST = 64;

    private int[] keys = new int[SMALLEST];
    private long[] values = new long[SMALLEST];
    private int size;

    int size() {
        return size;
    }

    /** The value, or -1. */
    long get(int key) {
        int slot = slot(key);
        return keys[slot] == key ? values[slot] : -1;
    }

    void put(int key, long value) {
        int slot = slot(key);
        if (keys[slot] != key) {
            if (size >= keys.length / 3 * 2) {
                rebuild(Math.multiplyExact(keys.length, 2), Long.MIN_VALUE);
                slot = slot(key);
            }
            keys[slot] = key;
            size++;
        }
        values[slot] = value;
    }

    void clear() {
        keys = new int[SMALLEST];
        values = new long[SMALLEST];
        size = 0;
    }

    /** Forgets the entries whose value is less than {@code limit}. */
    void dropBelow(long limit) {
        int kept = 0;
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != 0 && values[i] >= limit) {
                kept++;
            }
        }
        int capacity = SMALLEST;
        while (kept >= capacity / 3 * 2) {
            capacity *= 2;
        }
        rebuild(capacity, limit);
    }

    int[] sortedKeys() {
        int[] sorted = new int[size];
        int count = 0;
        for (int key : keys) {
            if (key != 0) {
                sorted[count++] = key;
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private int slot(int key) {
        int mask = keys.length - 1;
        int mixed = key * 0x9E3779B9;
        int slot = (mixed ^ mixed >>> 15) & mask;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void rebuild(int capacity, long limit) {
        int[] oldKeys = keys;
        long[] oldValues = values;
        keys = new int[capacity];
        values = new long[capacity];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0 && oldValues[i] >= limit) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
                size++;
            }
        }
    }
}
