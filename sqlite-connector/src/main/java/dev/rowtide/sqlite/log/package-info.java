/**
 * The live database beside its users: the only owner of descriptors on it, the hold on its write-ahead log, reading what was committed, checkpoints, refusals.
 *
 * <p>Knows nothing of rows, of the state directory, or of who wants the pages.
 */
@NullMarked
package dev.rowtide.sqlite.log;

import org.jspecify.annotations.NullMarked;
