package dev.rowtide.feed.filter;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** For a name that does not exist: what may have been meant. */
final class NearestNames {
    private static final int MAX_SHOWN = 3;
    /** Names beyond that are compared no further: the work is the product of their lengths. */
    private static final int MAX_LENGTH = 64;

    private NearestNames() {}

    static String sentence(String name, List<String> names) {
        if (names.isEmpty()) {
            return "there are none";
        }
        return "the nearest " + (names.size() == 1 ? "is " : "are ")
                + names.stream()
                        .sorted(Comparator.comparingInt(other -> distance(name, other)))
                        .limit(MAX_SHOWN)
                        .map(other -> '"' + other + '"')
                        .collect(Collectors.joining(", "));
    }

    /** How many letters have to be put in, taken out or replaced; case aside. */
    private static int distance(String left, String right) {
        String a = folded(left);
        String b = folded(right);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    private static String folded(String name) {
        return name.substring(0, Math.min(name.length(), MAX_LENGTH)).toLowerCase(Locale.ROOT);
    }
}
