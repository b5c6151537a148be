package dev.rowtide.sqlite.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How a database stores text: offset 56 of its header. */
public enum TextEncoding {
    UTF_8,
    UTF_16LE,
    UTF_16BE;

    /**
     * The text that a program gets which reads it from SQLite as UTF-8. Always well-formed: what is not valid becomes U+FFFD, since serializers refuse half a
     * surrogate pair. Whoever needs to tell malformed texts apart compares the bytes.
     *
     * @param stored as it stands in a record
     */
    public String decode(byte[] stored) {
        return new String(toUtf8(stored), StandardCharsets.UTF_8);
    }

    /**
     * The UTF-8 that SQLite makes of a stored text. UTF-8 is not looked at, however invalid. In UTF-16 an odd last byte is dropped, any surrogate makes a pair with
     * whatever follows it, and one at the end stays alone, as three bytes.
     *
     * @param stored as it stands in a record
     * @return {@code stored} itself if it is UTF-8 already
     */
    public byte[] toUtf8(byte[] stored) {
        if (this == UTF_8) {
            return stored;
        }
        int end = stored.length & ~1;
        byte[] utf8 = new byte[end / 2 * 3];
        int length = 0;
        for (int at = 0; at < end; at += 2) {
            int code = unit(stored, at);
            if (code >= 0xd800 && code < 0xe000 && at + 2 < end) {
                at += 2;
                code = (unit(stored, at) & 0x3ff) + ((code & 0x3f) << 10) + (((code & 0x3c0) + 0x40) << 10);
            }
            length = write(code, utf8, length);
        }
        return Arrays.copyOf(utf8, length);
    }

    private int unit(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int second = bytes[at + 1] & 0xff;
        return this == UTF_16LE ? second << 8 | first : first << 8 | second;
    }

    private static int write(int code, byte[] utf8, int length) {
        int at = length;
        if (code < 0x80) {
            utf8[at++] = (byte) code;
        } else if (code < 0x800) {
            utf8[at++] = (byte) (0xc0 | code >> 6);
            utf8[at++] = (byte) (0x80 | code & 0x3f);
        } else if (code < 0x10000) {
            utf8[at++] = (byte) (0xe0 | code >> 12);
            utf8[at++] = (byte) (0x80 | code >> 6 & 0x3f);
            utf8[at++] = (byte) (0x80 | code & 0x3f);
        } else {
            utf8[at++] = (byte) (0xf0 | code >> 18);
            utf8[at++] = (byte) (0x80 | code >> 12 & 0x3f);
            utf8[at++] = (byte) (0x80 | code >> 6 & 0x3f);
            utf8[at++] = (byte) (0x80 | code & 0x3f);
        }
        return at;
    }
}
