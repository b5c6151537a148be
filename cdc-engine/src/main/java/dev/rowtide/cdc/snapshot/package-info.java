/**
 * Snapshots: the present rows of a resource, read beside the log, and where they cut it.
 *
 * <p>{@link dev.rowtide.cdc.snapshot.SnapshotReader} is what others see: who waits, who shares, how fast, how long. It knows no database; how one is read, and where the cut is, is a {@link
 * dev.rowtide.cdc.snapshot.SnapshotScanner} in the database's own package.
 */
@NullMarked
package dev.rowtide.cdc.snapshot;

import org.jspecify.annotations.NullMarked;
