package dev.rowtide.feed.filter;

import java.nio.charset.StandardCharsets;

/** Orders of texts. Java's own is that of UTF-16, in which U+FFFF comes behind U+10000. */
final class CodePoints {
    private CodePoints() {}

    static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /** By code points, which is by the bytes of UTF-8. */
    static int compare(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                // Halves of pairs stand for code points behind all others.
                boolean aIsHalf = Character.isSurrogate(a);
                return aIsHalf == Character.isSurrogate(b) ? a - b : aIsHalf ? 1 : -1;
            }
        }
        return left.length() - right.length();
    }

    /** By the bytes of UTF-16, the lower one of each unit first. */
    static int compareUtf16le(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            int order = Character.reverseBytes(left.charAt(i)) - Character.reverseBytes(right.charAt(i));
            if (order != 0) {
                return order;
            }
        }
        return left.length() - right.length();
    }

    /** SQLite's NOCASE: A to Z are a to z, and behind a NUL in both only the length in UTF-8 counts. */
    static int compareNoCase(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = lower(left.charAt(i));
            char b = lower(right.charAt(i));
            if (a != b) {
                boolean aIsHalf = Character.isSurrogate(a);
                return aIsHalf == Character.isSurrogate(b) ? a - b : aIsHalf ? 1 : -1;
            }
            if (a == 0) {
                return utf8Length(left) - utf8Length(right);
            }
        }
        return left.length() - right.length();
    }

    /** Texts that NOCASE takes for equal have the same. */
    static String noCaseKey(String text) {
        int end = text.indexOf('\0');
        StringBuilder key = new StringBuilder(text);
        if (end >= 0) {
            key.setLength(end + 1);
            key.append(utf8Length(text));
        }
        for (int i = 0; i < key.length(); i++) {
            key.setCharAt(i, lower(key.charAt(i)));
        }
        return key.toString();
    }

    /** Without blanks at the end. */
    static String trimmed(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    private static char lower(char c) {
        return (char) lower((int) c);
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
