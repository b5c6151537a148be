/**
 * What a client and the gateway say to each other, as values and as bytes.
 *
 * <p>{@link dev.rowtide.gateway.protocol.MessageCodec} reads, {@link dev.rowtide.gateway.protocol.MessageEncoder} writes; neither decides anything. A
 * further client message is a record in {@link dev.rowtide.gateway.protocol.ClientMessage}, its case in the codec and one example in {@code docs/protocol}; the
 * compiler then asks for what it does.
 */
@NullMarked
package dev.rowtide.gateway.protocol;

import org.jspecify.annotations.NullMarked;
