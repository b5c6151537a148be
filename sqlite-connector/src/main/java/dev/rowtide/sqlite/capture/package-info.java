/**
 * The way of one commit: log, spool, difference, handler, acknowledgement. One thread captures, so that a consumer that blocks never holds the users' log; the
 * thread that asks for changes computes them.
 */
@NullMarked
package dev.rowtide.sqlite.capture;

import org.jspecify.annotations.NullMarked;
