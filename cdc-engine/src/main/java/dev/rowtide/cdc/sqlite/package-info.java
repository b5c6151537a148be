/**
 * What is SQLite's own: where the file is, the state that the connector keeps of it, stored values to JSON, and the checks that both the doctor and the start make.
 *
 * <p>The connector itself is a module that this one does not know: its options are named in {@link dev.rowtide.cdc.SqliteSource}, its records are those of Debezium.
 *
 * <p><b>While the log is read, nothing here opens the database's files by Java.</b> SQLite's locks belong to the process, and closing any descriptor of the file drops them all. It
 * is read through SQLite, or looked at without being opened.
 */
@NullMarked
package dev.rowtide.cdc.sqlite;

import org.jspecify.annotations.NullMarked;
