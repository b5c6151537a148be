package dev.rowtide.gateway;

import dev.rowtide.gateway.protocol.CloseCode;

/**
 * Where frames leave: the one thing that knows how bytes reach a peer's socket. One instance a connection, called by the fan-out thread only; never blocks.
 */
interface PeerWriter {
    /**
     * Takes frames from the outbox, as many as fit one turn, and writes them in order; at least one. Not to be called while {@link #isPending}.
     *
     * <p>If they could not all be written at once this is pending until the fan-out thread is told, by mail, that the peer has drained or is dead.
     */
    void write(Outbox outbox);

    /** Whether an earlier write is still under way. */
    boolean isPending();

    /** Asks for a sign of life. May overtake what is pending. */
    void ping();

    /** Sends a CLOSE frame behind what is pending; nothing can be written after it. */
    void close(CloseCode code);

    /** Drops the connection and whatever is pending. */
    void abort();
}
