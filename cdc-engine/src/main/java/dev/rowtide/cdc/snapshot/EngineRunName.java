package dev.rowtide.cdc.snapshot;

import dev.rowtide.feed.Epoch;

/**
 * Which run of the engine a snapshot is taken beside.
 *
 * @param epoch that of its positions
 * @param connector the name that the run has in this process
 */
public record EngineRunName(Epoch epoch, String connector) {}
