/**
 * Everything that bends Debezium's PostgreSQL connector to our needs, and nothing else; each piece has a contract test that a new
 * Debezium version must pass.
 *
 * <ul>
 *   <li>{@link dev.rowtide.cdc.debezium.PushQueue}: records wake their reader instead of waiting for a poll
 *   <li>{@link dev.rowtide.cdc.debezium.OidTypeRegistry}: columns arrive as PostgreSQL's own text, with their type's OID
 *   <li>{@link dev.rowtide.cdc.debezium.MutedMetrics}: no per-event statistics
 *   <li>{@link dev.rowtide.cdc.debezium.DurableOffsetStore}: offsets in our atomic, fsynced file
 *   <li>{@link dev.rowtide.cdc.debezium.RowtidePostgresTask}: puts them together and leaves every retry to the supervisor
 * </ul>
 */
@NullMarked
package dev.rowtide.cdc.debezium;

import org.jspecify.annotations.NullMarked;
