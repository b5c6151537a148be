package dev.rowtide.gateway.presence;

import dev.rowtide.gateway.auth.Identity;

/**
 * What is shown about a user: what its identity vouches for, and beside that what its client chose. A key that both have is the
 * identity's: nobody can give itself another's verified name.
 */
public final class PresenceMetadata {

    /** What the identity holds: {@code name} if there is one, and its metadata. */
    public static PresenceMetadata of(Identity identity) {
        throw new UnsupportedOperationException();
    }

    /**
     * The same identity with what the client chose, replacing what it chose before.
     *
     * @param json a JSON object
     * @throws IllegalArgumentException with a sentence, if it is not one
     */
    public PresenceMetadata choosing(String json) {
        throw new UnsupportedOperationException();
    }

    /** As it is shown: a JSON object. */
    public String json() {
        throw new UnsupportedOperationException();
    }
}
