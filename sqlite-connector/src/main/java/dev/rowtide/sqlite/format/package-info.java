/**
 * SQLite's file format, pages to values: database header, b-tree pages, cells, records, key order, text encodings. Pure decoding of bytes that somebody
 * else has read: no files, no locks, no JDBC. Formats are those of SQLite's "Database File Format".
 *
 * <p>Everything here believes nothing: whatever a page says is checked against its limits, and what does not fit is a {@link DamagedDatabaseException} that names the
 * page.
 */
@NullMarked
package dev.rowtide.sqlite.format;

import org.jspecify.annotations.NullMarked;
