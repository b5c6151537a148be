package dev.rowtide.feed;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a snapshot cannot be had.
 *
 * @param sentence what went wrong, and what to do; one sentence, no secrets
 * @param retryAfter when trying again makes sense; null if it makes none without a change of the request or of the database
 */
public record SnapshotFailure(String sentence, @Nullable Duration retryAfter) {}
