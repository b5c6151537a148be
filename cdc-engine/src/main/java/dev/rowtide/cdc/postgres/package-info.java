/**
 * What is PostgreSQL's own: its address, slot and publication, catalog, row text to JSON, and the checks that both the doctor and the
 * start make.
 */
@NullMarked
package dev.rowtide.cdc.postgres;

import org.jspecify.annotations.NullMarked;
