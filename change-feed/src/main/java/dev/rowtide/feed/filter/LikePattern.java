package dev.rowtide.feed.filter;

import java.util.Arrays;

/**
 * SQL's LIKE with {@code \} as the escape. {@code _} is one code point.
 *
 * <p>The work is at most the pattern's length times the text's: after a {@code %} only the last one is tried again, which is enough.
 */
final class LikePattern {
    private static final int ANY_TEXT = -1;
    private static final int ANY_ONE = -2;

    /** Code points, or one of the two above. */
    private final int[] parts;

    private final boolean ignoreAsciiCase;

    private LikePattern(int[] parts, boolean ignoreAsciiCase) {
        this.parts = parts;
        this.ignoreAsciiCase = ignoreAsciiCase;
    }

    /** @throws IllegalArgumentException with a sentence if databases do not understand the pattern */
    static void check(String column, String pattern) {
        if (CodePoints.hasHalfPair(pattern) || pattern.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a pattern, like that for column \"" + column
                    + "\", cannot contain U+0000 or half a surrogate pair");
        }
        for (int i = 0; i < pattern.length(); i++) {
            if (pattern.charAt(i) == '\\') {
                i++;
                if (i == pattern.length()) {
                    throw new IllegalArgumentException("the pattern for column \"" + column
                            + "\" ends with a lone \\, which makes the next character stand for itself: write \\\\ for a"
                            + " backslash");
                }
            }
        }
    }

    static LikePattern of(String pattern, boolean ignoreAsciiCase) {
        int[] codePoints = pattern.codePoints().toArray();
        int[] parts = new int[codePoints.length];
        int length = 0;
        for (int i = 0; i < codePoints.length; i++) {
            int part = codePoints[i];
            if (part == '\\') {
                i++;
                part = codePoints[i];
            } else if (part == '%') {
                part = ANY_TEXT;
            } else if (part == '_') {
                part = ANY_ONE;
            }
            parts[length++] = ignoreAsciiCase ? CodePoints.lower(part) : part;
        }
        return new LikePattern(Arrays.copyOf(parts, length), ignoreAsciiCase);
    }

    boolean matches(String text) {
        int part = 0;
        int at = 0;
        int retryPart = -1;
        int retryAt = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (part < parts.length && parts[part] == ANY_TEXT) {
                part++;
                retryPart = part;
                retryAt = at;
            } else if (part < parts.length && (parts[part] == ANY_ONE || parts[part] == folded(c))) {
                part++;
                at += Character.charCount(c);
            } else if (retryPart >= 0) {
                retryAt += Character.charCount(text.codePointAt(retryAt));
                at = retryAt;
                part = retryPart;
            } else {
                return false;
            }
        }
        while (part < parts.length && parts[part] == ANY_TEXT) {
            part++;
        }
        return part == parts.length;
    }

    private int folded(int c) {
        return ignoreAsciiCase ? CodePoints.lower(c) : c;
    }
}
