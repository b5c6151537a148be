/**
 * The gateway: what a change meets between the {@link dev.rowtide.feed.ChangeSink} and a browser's socket.
 *
 * <p>{@link dev.rowtide.gateway.Gateway} is the one place where it is wired. It never sees the database.
 */
@NullMarked
package dev.rowtide.gateway;

import org.jspecify.annotations.NullMarked;
