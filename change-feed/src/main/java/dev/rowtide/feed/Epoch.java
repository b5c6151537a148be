package dev.rowtide.feed;

/**
 * One unbroken history of a database: as long as the epoch stays, positions can be compared and a resume is exact.
 *
 * <p>A new one begins when the database is another (system identifier, timeline), or when its log was lost between what we have
 * read and what can still be read (slot dropped, invalidated or advanced by somebody else). The text begins with the time at which
 * the epoch began, {@value #TIME_LENGTH} characters of base 36 in milliseconds, so that later epochs compare as later; what follows
 * tells two epochs of the same millisecond apart.
 *
 * @param text 9 to 32 characters {@code 0-9a-z}
 */
public record Epoch(String text) implements Comparable<Epoch> {
    private static final int TIME_LENGTH = 8;
    private static final int MAX_LENGTH = 32;

    public Epoch {
        if (text.length() <= TIME_LENGTH || text.length() > MAX_LENGTH || !isBase36(text)) {
            throw new IllegalArgumentException("an epoch is " + (TIME_LENGTH + 1) + " to " + MAX_LENGTH
                    + " characters 0-9a-z, not '" + text + "'");
        }
    }

    /**
     * An epoch that begins now.
     *
     * @param nowMillis the time, in milliseconds since 1970; valid until 2059, when base 36 needs a ninth character
     * @param lineage anything that tells this database from others; only its hash is kept
     */
    public static Epoch begin(long nowMillis, String lineage) {
        String time = Long.toString(nowMillis, 36);
        String padded = "0".repeat(Math.max(0, TIME_LENGTH - time.length())) + time;
        return new Epoch(padded + Integer.toString(lineage.hashCode() & Integer.MAX_VALUE, 36));
    }

    /** The time at which this epoch began, in milliseconds since 1970. */
    public long beganMillis() {
        return Long.parseLong(text.substring(0, TIME_LENGTH), 36);
    }

    @Override
    public int compareTo(Epoch other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isBase36(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
    }
}
