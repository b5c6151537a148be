package dev.rowtide.feed;

import java.util.Locale;
import java.util.Optional;

/** What happened to a row, or, for {@link #TRUNCATE}, to all rows of a table. */
public enum Operation {
    CREATE,
    UPDATE,
    DELETE,
    TRUNCATE;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The name in messages and in the configuration: {@code create}, {@code update}, {@code delete}, {@code truncate}. */
    public String wireName() {
        return wireName;
    }

    /** The operation of that {@linkplain #wireName() wire name}, or nothing; names are lower case only. */
    public static Optional<Operation> ofWireName(String wireName) {
        for (Operation operation : values()) {
            if (operation.wireName.equals(wireName)) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }
}
