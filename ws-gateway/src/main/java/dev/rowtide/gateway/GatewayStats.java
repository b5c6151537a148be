package dev.rowtide.gateway;

/**
 * The gateway's counters at one moment; those without a unit are totals since the start, unless they say "now".
 *
 * @param connections open now
 * @param channels that somebody is in now
 * @param subscriptions now: one connection in one channel each
 * @param messagesIn messages from clients, also refused ones
 * @param messagesOut messages handed to sockets
 * @param bytesOut their payloads, in bytes
 * @param changes row changes that were taken from the source, wanted or not
 * @param slowClosed connections closed with 4008
 * @param fellBehind how often a connection could not keep up and read on from the history
 * @param undecided changes that were shown to nobody of a group of subscribers because their log does not have what a policy or a filter asks for
 * @param historyBytes how much the history keeps now, in bytes
 * @param lagCount batches of changes of which the last change has been written
 * @param lagNanosTotal from a batch's publication to the end of the writes, in nanoseconds, all batches together
 * @param lagNanosMax the longest of these
 */
public record GatewayStats(
        int connections,
        int channels,
        int subscriptions,
        long messagesIn,
        long messagesOut,
        long bytesOut,
        long changes,
        long slowClosed,
        long fellBehind,
        long undecided,
        long historyBytes,
        long lagCount,
        long lagNanosTotal,
        long lagNanosMax) {}
