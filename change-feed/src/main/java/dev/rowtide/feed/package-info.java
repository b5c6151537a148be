/**
 * The contract between "a row changed" and "tell the subscribers": plain immutable values and two small interfaces.
 *
 * <p>Known to every module and knowing none: no dependency, no thread, no I/O. What belongs here is what both the engine and
 * the gateway must agree on. What does not: anything of Debezium, JDBC, Jetty or JSON parsing.
 */
@NullMarked
package dev.rowtide.feed;

import org.jspecify.annotations.NullMarked;
