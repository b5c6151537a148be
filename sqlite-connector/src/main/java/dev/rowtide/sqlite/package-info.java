/**
 * The connector as Debezium and Kafka Connect see it: options, offsets, records, snapshots and signals over {@link dev.rowtide.sqlite.capture.ChangeStream}. What a page, a log or a row is, is not
 * known here.
 *
 * <p>Read {@link dev.rowtide.sqlite.SqliteConnectorTask} first: it lists the parts. A new option goes into {@link dev.rowtide.sqlite.SqliteConnectorConfig} and into the module's README.
 */
@NullMarked
package dev.rowtide.sqlite;

import org.jspecify.annotations.NullMarked;
