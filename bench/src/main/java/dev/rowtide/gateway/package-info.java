/**
 * What of the gateway is measured from inside, in its own package: a hundred thousand subscribers without a hundred thousand sockets.
 */
@NullMarked
package dev.rowtide.gateway;

import org.jspecify.annotations.NullMarked;
