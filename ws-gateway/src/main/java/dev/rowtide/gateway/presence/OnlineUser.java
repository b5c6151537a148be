package dev.rowtide.gateway.presence;

/**
 * A user that is online on a channel, as others see it.
 *
 * @param userId the user; one with three tabs is one user
 * @param metadataJson what is shown about it: a JSON object, {@code {}} if nothing
 */
public record OnlineUser(String userId, String metadataJson) {}
