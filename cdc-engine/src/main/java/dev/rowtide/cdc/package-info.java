/**
 * The way of a row change from Debezium to the {@link dev.rowtide.feed.ChangeSink}, and who keeps it going.
 *
 * <p>Read {@link dev.rowtide.cdc.ChangeBatchConsumer} for the way down, {@link dev.rowtide.cdc.ChangeEngine} for start, failure and
 * restart. What belongs to one database only has a package of its own ({@code postgres}); what bends Debezium to our needs sits in
 * {@code debezium} and nowhere else. A further database is one {@link dev.rowtide.cdc.SourceConfig}.
 */
@NullMarked
package dev.rowtide.cdc;

import org.jspecify.annotations.NullMarked;
