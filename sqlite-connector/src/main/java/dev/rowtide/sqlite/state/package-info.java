/**
 * The connector's own copy of the database and what has been captured beyond it, in the state directory: {@code shadow.db} (the state at one commit, page for page), {@code
 * shadow.meta}, and the spool of captured transactions. Durable order of writes, recovery after a crash at any point, and images of the database at a commit.
 *
 * <p>Knows nothing of the live database, of locks, or of rows.
 */
@NullMarked
package dev.rowtide.sqlite.state;

import org.jspecify.annotations.NullMarked;
