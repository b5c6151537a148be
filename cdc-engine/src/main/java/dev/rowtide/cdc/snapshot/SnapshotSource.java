package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.SqlDialect;

/** A database whose rows can be read. */
public interface SnapshotSource {

    /** The resources that exist. */
    ResourceCatalog resources();

    /** How conditions are written for it. */
    SqlDialect dialect();

    /** A scanner for one thread; it does not connect yet. */
    SnapshotScanner scanner(SnapshotLimits limits);
}
