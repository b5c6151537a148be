package dev.rowtide.gateway.auth;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for channel names: {@code *} stands for any characters, none included, {@code $user.id} for the id of who asks; everything else for
 * itself.
 *
 * <p>The pattern is cut at its stars; the first piece must begin the name, the last must end it, and each piece between is taken at its
 * first occurrence, which is never wrong. So a name is read once from left to right, unlike with a regular expression, where a user could choose names
 * that take for ever. The id is put in after the cut: a star in it is a star, not a wildcard.
 */
final class ChannelPattern {
    private static final String USER_ID = "$user.id";

    private final List<String> pieces;

    ChannelPattern(String pattern) {
        if (pattern.isEmpty() || pattern.length() > AuthConfig.MAX_PATTERN) {
            throw new IllegalArgumentException("the channel pattern of a rule has 1 to " + AuthConfig.MAX_PATTERN
                    + " characters, this one has " + pattern.length());
        }
        List<String> cut = new ArrayList<>();
        int from = 0;
        for (int star = pattern.indexOf('*'); star >= 0; star = pattern.indexOf('*', from)) {
            cut.add(pattern.substring(from, star));
            from = star + 1;
        }
        cut.add(pattern.substring(from));
        this.pieces = List.copyOf(cut);
    }

    boolean matches(String name, String userId) {
        String first = piece(0, userId);
        if (pieces.size() == 1) {
            return name.equals(first);
        }
        String last = piece(pieces.size() - 1, userId);
        int end = name.length() - last.length();
        if (!name.startsWith(first) || !name.endsWith(last) || first.length() > end) {
            return false;
        }
        int at = first.length();
        for (int i = 1; i < pieces.size() - 1; i++) {
            String piece = piece(i, userId);
            int found = name.indexOf(piece, at);
            if (found < 0 || found + piece.length() > end) {
                return false;
            }
            at = found + piece.length();
        }
        return true;
    }

    private String piece(int index, String userId) {
        return pieces.get(index).replace(USER_ID, userId);
    }
}
