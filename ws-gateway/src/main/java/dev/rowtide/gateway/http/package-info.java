/**
 * Plain HTTP: who may come in at all (origin, host, credentials before the upgrade), and the REST API.
 *
 * <p>What does not belong here: anything about an open WebSocket. A further endpoint is one handler and one line in {@link
 * dev.rowtide.gateway.http.RestHandlers}.
 */
@NullMarked
package dev.rowtide.gateway.http;

import org.jspecify.annotations.NullMarked;
