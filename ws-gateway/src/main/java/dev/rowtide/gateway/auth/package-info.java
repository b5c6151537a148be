/** Who connects, and what they may do. A further way to authenticate is one {@link dev.rowtide.gateway.auth.Authenticator}. */
@NullMarked
package dev.rowtide.gateway.auth;

import org.jspecify.annotations.NullMarked;
