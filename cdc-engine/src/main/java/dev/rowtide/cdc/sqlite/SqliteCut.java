package dev.rowtide.cdc.sqlite;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotCut;

/**
 * Where a snapshot of SQLite cuts the log: between two commits, since SQLite has one writer at a time, and what is in its log is visible in that order.
 *
 * @param place the boundary behind the last commit that the snapshot has
 */
record SqliteCut(Position place) implements SnapshotCut {

    @Override
    public boolean contains(DataChangeEvent change) {
        return place.isAfter(change.position());
    }

    @Override
    public Position from() {
        return place;
    }

    @Override
    public Position until() {
        return place;
    }
}
