package dev.rowtide.cdc;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Operation;
import java.util.Set;

/**
 * One resource: a table under the name that clients know it by, and what of it may leave the process.
 *
 * @param name the public name, 1 to 100 characters, without {@code :} and not {@code resource}
 * @param table the table it comes from
 * @param operations what is delivered; empty means all
 * @param excludedColumns columns that never leave the process; each must exist, and none may be part of the primary key
 * @param numbers how int8 and numeric are written
 */
public record ResourceConfig(
        String name, TableName table, Set<Operation> operations, Set<String> excludedColumns, Numbers numbers) {
    private static final int MAX_NAME = 100;

    /** How int8 and numeric values are written, also inside arrays, and as {@code payload.id}. */
    public enum Numbers {
        /** As JSON numbers with all their digits. JavaScript rounds those beyond 2^53. */
        NUMBER,
        /** As JSON strings. */
        STRING
    }

    /** @throws IllegalArgumentException with a sentence for the person who wrote the configuration */
    public ResourceConfig {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "a resource name has 1 to " + MAX_NAME + " characters, '" + name + "' has " + name.length());
        }
        if (name.equals(Channel.RESOURCE)) {
            throw new IllegalArgumentException(
                    "a resource cannot be called 'resource' (its record channels would be taken for"
                            + " resource channels): give table " + table + " another name");
        }
        if (name.indexOf(':') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a resource name cannot contain ':' or control characters: give table " + table + " another name");
        }
        operations = Set.copyOf(operations);
        excludedColumns = Set.copyOf(excludedColumns);
    }

    /** A table as it is, all of it, under its own name. */
    public static ResourceConfig ofTable(TableName table, Numbers numbers) {
        return new ResourceConfig(table.table(), table, Set.of(), Set.of(), numbers);
    }

    /** Whether the configuration lets {@code operation} out. */
    public boolean delivers(Operation operation) {
        return operations.isEmpty() || operations.contains(operation);
    }
}
