package dev.rowtide.gateway.protocol;

/** How a subscriber takes part in a channel's presence. */
public enum PresenceMode {
    /** Seen, and told with the whole list each time; what older clients understand. */
    FULL,
    /** Seen, and told what changed. */
    DIFF,
    /** Neither seen nor told. */
    NONE
}
