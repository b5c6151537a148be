package dev.rowtide.feed;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a change in its database's own commit order.
 *
 * <p>Positions are total, grow in delivery order, and are <em>identical</em> when a change is delivered again after a crash.
 * Duplicates are therefore recognised by comparing, and any process can serve a resume from a position that another one gave.
 *
 * <p>Written as {@code <epoch>-<commit in hex>-<index>}, for example {@code mvx3k2p1a7f3c-16b3748-2}. To clients the text is
 * opaque.
 *
 * @param epoch which database, timeline, slot or file lineage the other two belong to; see {@link Epoch}
 * @param commit the transaction: on PostgreSQL the end LSN of the <em>previous</em> commit in the stream, in SQLite the commit
 *     sequence. Compared unsigned
 * @param index 1 for the first change of the transaction, and so on; 0 is the boundary before it, where nothing of the
 *     transaction has been seen and everything of the previous one has
 */
public record Position(Epoch epoch, long commit, int index) implements Comparable<Position> {
    private static final Pattern TEXT = Pattern.compile("([0-9a-z]{9,32})-([0-9a-f]{1,16})-(0|[1-9][0-9]{0,9})");

    public Position {
        if (index < 0) {
            throw new IllegalArgumentException("the index of a position cannot be negative: " + index);
        }
    }

    /** The boundary between the transaction that ended at {@code commit} and the next one. */
    public static Position boundary(Epoch epoch, long commit) {
        return new Position(epoch, commit, 0);
    }

    /** Reads what {@link #toString} wrote; nothing if the text is not a position. */
    public static Optional<Position> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long index = Long.parseLong(matcher.group(3));
        if (index > Integer.MAX_VALUE) {
            return Optional.empty();
        }
        return Optional.of(
                new Position(new Epoch(matcher.group(1)), Long.parseUnsignedLong(matcher.group(2), 16), (int) index));
    }

    @Override
    public int compareTo(Position other) {
        int byEpoch = epoch.compareTo(other.epoch);
        if (byEpoch != 0) {
            return byEpoch;
        }
        int byCommit = Long.compareUnsigned(commit, other.commit);
        return byCommit != 0 ? byCommit : Integer.compare(index, other.index);
    }

    /** The place right before the change at this position; of a boundary, itself. */
    public Position before() {
        return index == 0 ? this : new Position(epoch, commit, index - 1);
    }

    /** Whether this position comes later in delivery order than {@code other}. */
    public boolean isAfter(Position other) {
        return compareTo(other) > 0;
    }

    @Override
    public String toString() {
        return epoch.text() + '-' + Long.toHexString(commit) + '-' + index;
    }
}
