package dev.rowtide.gateway.protocol;

import java.util.Arrays;

/** Text as growing UTF-8. For one thread. */
final class Utf8Buffer {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private static final int COUNTED_LENGTH = 4 * 1024;

    byte[] bytes;
    int size;

    Utf8Buffer(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** Text as it is: JSON that somebody else has written. */
    Utf8Buffer raw(String text) {
        int length = text.length();
        // Three bytes are the most that one UTF-16 unit takes; a pair takes four. Counted only where guessing would
        // waste much.
        ensure(length > COUNTED_LENGTH ? encodedLength(text) : length * 3L);
        byte[] to = bytes;
        int at = size;
        int i = 0;
        for (; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                break;
            }
            to[at++] = (byte) c;
        }
        size = at;
        for (; i < length; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                codePoint(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                // Half a pair cannot be written as UTF-8 and must not break the frame.
                codePoint(Character.isSurrogate(c) ? 0xFFFD : c);
            }
        }
        return this;
    }

    /** A JSON string. */
    Utf8Buffer string(String value) {
        int length = value.length();
        // Six bytes are the most that one UTF-16 unit takes, as an escape; and two quotes.
        ensure((long) length * 6 + 2);
        bytes[size++] = '"';
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                bytes[size++] = '\\';
                bytes[size++] = (byte) c;
            } else if (c < 0x20) {
                escape(c);
            } else if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < length
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                codePoint(Character.toCodePoint(c, value.charAt(++i)));
            } else if (Character.isSurrogate(c)) {
                escape(c);
            } else {
                codePoint(c);
            }
        }
        bytes[size++] = '"';
        return this;
    }

    Utf8Buffer number(long value) {
        return raw(Long.toString(value));
    }

    Utf8Buffer append(Utf8Buffer other) {
        return append(other.bytes, 0, other.size);
    }

    Utf8Buffer append(byte[] from, int offset, int length) {
        ensure(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
        return this;
    }

    private static long encodedLength(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 0 : c < 0x800 ? 1 : 2;
        }
        return bytes; // a pair was counted as six, two too many
    }

    private void escape(char c) {
        bytes[size++] = '\\';
        bytes[size++] = 'u';
        bytes[size++] = HEX[c >> 12];
        bytes[size++] = HEX[(c >> 8) & 0xF];
        bytes[size++] = HEX[(c >> 4) & 0xF];
        bytes[size++] = HEX[c & 0xF];
    }

    /** Room is there already. */
    private void codePoint(int c) {
        if (c < 0x80) {
            bytes[size++] = (byte) c;
        } else if (c < 0x800) {
            bytes[size++] = (byte) (0xC0 | c >> 6);
            bytes[size++] = (byte) (0x80 | c & 0x3F);
        } else if (c < 0x10000) {
            bytes[size++] = (byte) (0xE0 | c >> 12);
            bytes[size++] = (byte) (0x80 | c >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | c & 0x3F);
        } else {
            bytes[size++] = (byte) (0xF0 | c >> 18);
            bytes[size++] = (byte) (0x80 | c >> 12 & 0x3F);
            bytes[size++] = (byte) (0x80 | c >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | c & 0x3F);
        }
    }

    private void ensure(long more) {
        long needed = size + more;
        if (needed > bytes.length) {
            // A frame of 2 GB is refused by arrays; no database sends such a row either (PostgreSQL's limit is 1 GB).
            bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, Math.min(bytes.length * 2L, 1L << 30))));
        }
    }
}
