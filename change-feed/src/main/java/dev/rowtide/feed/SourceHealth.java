package dev.rowtide.feed;

/**
 * How the source of changes is doing, for people and for load balancers.
 *
 * @param state where it stands
 * @param sentence what is wrong or what is being done, and the next step if a person has to take one; one sentence, no secrets
 */
public record SourceHealth(State state, String sentence) {

    /** Where a source stands. Only {@link #FLOWING} is ready. */
    public enum State {
        /** Connecting for the first time, or again after {@link #RETRYING}. */
        STARTING,
        /** Changes are read from the log as they are committed. */
        FLOWING,
        /** Something failed that passes by itself: the database restarts, the network is cut. Tried again within seconds. */
        RETRYING,
        /** Something failed that a person has to mend: a password, a dropped publication. Tried again rarely. */
        FAILED,
        /** Closed on purpose. */
        STOPPED
    }

    /** Whether changes are flowing. */
    public boolean ready() {
        return state == State.FLOWING;
    }
}
