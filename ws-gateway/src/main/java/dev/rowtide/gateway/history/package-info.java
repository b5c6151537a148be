/**
 * The changes of the last minutes, for whoever has missed some: kept in position order, bounded by age and bytes, in memory or on disk.
 *
 * <p>{@link History} is the fan-out thread's. What a publisher appends is packed on its own thread by a {@link HistoryStore}; what has cooled down is unpacked again by
 * {@link HistoryReader}'s thread, once for all who want it.
 */
@NullMarked
package dev.rowtide.gateway.history;

import org.jspecify.annotations.NullMarked;
