package dev.rowtide.sqlite.format;

/** Big-endian integers and varints ("Database File Format", section 1.6). Callers check the limits. */
final class Bytes {
    private Bytes() {}

    static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    static int i32(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }

    /** A two's-complement integer of 1 to 8 bytes. */
    static long signed(byte[] bytes, int at, int length) {
        long value = bytes[at];
        for (int i = 1; i < length; i++) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    /** How many bytes the varint at {@code at} has, 1 to 9; 0 if it would reach beyond {@code end}. */
    static int varintLength(byte[] bytes, int at, int end) {
        for (int length = 1; at + length <= end; length++) {
            if (length == 9 || bytes[at + length - 1] >= 0) {
                return length;
            }
        }
        return 0;
    }

    /** The varint at {@code at}, which has {@code length} bytes; the ninth gives all its eight bits. */
    static long varint(byte[] bytes, int at, int length) {
        long value = bytes[at] & 0x7f;
        for (int i = 1; i < length; i++) {
            value = i == 8 ? value << 8 | bytes[at + i] & 0xff : value << 7 | bytes[at + i] & 0x7f;
        }
        return value;
    }
}
