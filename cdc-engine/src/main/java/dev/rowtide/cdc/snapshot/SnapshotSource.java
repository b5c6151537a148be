package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.ResourceCatalog;

/** A database whose rows can be read. */
public interface SnapshotSource {

    /** The resources that exist. */
    ResourceCatalog resources();

    /** A scanner for one thread; it does not connect yet. */
    SnapshotScanner scanner(SnapshotLimits limits);
}
