/**
 * Who is online on a channel, as others see it. Pure state: no threads, no clock, no sockets; the hub owns it and tells it the time.
 */
@NullMarked
package dev.rowtide.gateway.presence;

import org.jspecify.annotations.NullMarked;
