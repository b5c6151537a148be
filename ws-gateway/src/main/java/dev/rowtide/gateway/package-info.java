/**
 * The gateway: what a change meets between the {@link dev.rowtide.feed.ChangeSink} and a browser's socket. It never sees the database.
 *
 * <p>{@link dev.rowtide.gateway.Gateway} is the one place where it is wired. The way of a change: {@code ChangeLog} (published, not delivered yet) → {@code Hub}
 * (who wants it) → {@code Connection} and its {@code Outbox} (what waits for this peer) → {@code PeerWriter} (the socket). The other way: {@code
 * WebSocketEndpoint} (frames to messages) → {@code Conversation} (what is done about each) → {@code Hub}.
 *
 * <p>One thread, {@code fanout-0}, owns everything about clients; see {@code FanoutThread}. What arrives on other threads is posted to it.
 *
 * <p>A further message from clients begins in {@link dev.rowtide.gateway.protocol}, a further way to write in {@code PeerWriter}, a further difference between
 * subscribers of one channel in {@code Group}. Who may connect is decided in {@code auth} and {@code http}, not here.
 */
@NullMarked
package dev.rowtide.gateway;

import org.jspecify.annotations.NullMarked;
