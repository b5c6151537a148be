package dev.rowtide.feed;

/**
 * The name of a channel: what a client subscribes to.
 *
 * <p>{@code resource:<name>} carries all changes of a resource, {@code <name>:<id>} those of one record (split at the first
 * {@code :}, so an id may contain further ones), anything else is a custom channel for broadcast and presence. Which of the
 * three a name is depends on the resources that exist, so the type keeps the name alone and answers questions about it.
 *
 * @param name 1 to {@value #MAX_LENGTH} characters (UTF-16 units), no control characters
 */
public record Channel(String name) {
    /** The longest name that is accepted, in UTF-16 units. */
    public static final int MAX_LENGTH = 255;

    /** The reserved first part of a resource channel; a resource cannot be called this. */
    public static final String RESOURCE = "resource";

    private static final String RESOURCE_PREFIX = RESOURCE + ":";

    /** @throws IllegalArgumentException with a sentence for the person who chose the name */
    public Channel {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a channel name cannot be empty");
        }
        if (name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a channel name has at most " + MAX_LENGTH + " characters, this one has "
                    + name.length() + ": " + name.substring(0, 40) + "…");
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new IllegalArgumentException(
                        "a channel name cannot contain control characters, this one has one at index " + i);
            }
        }
    }

    /** The channel of all changes of {@code resource}. */
    public static Channel ofResource(String resource) {
        return new Channel(RESOURCE_PREFIX + resource);
    }

    /** The name of the channel of one record, which may be longer than a client can subscribe to. */
    public static String recordName(String resource, String id) {
        return resource + ':' + id;
    }

    /** Whether this is the channel of a whole resource, known or not. */
    public boolean isResource() {
        return name.startsWith(RESOURCE_PREFIX);
    }

    /** What stands before the first {@code :}; the whole name if there is none. */
    public String prefix() {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    /** What stands after the first {@code :}; empty if there is none. */
    public String suffix() {
        int colon = name.indexOf(':');
        return colon < 0 ? "" : name.substring(colon + 1);
    }

    /** Whether a {@code :} separates {@link #prefix} and {@link #suffix}. */
    public boolean hasSuffix() {
        return name.indexOf(':') >= 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
