package dev.rowtide.cdc;

import dev.rowtide.cdc.postgres.PostgresAddress;
import java.util.List;

/**
 * A PostgreSQL database and what of it is tailed.
 *
 * @param address where it is, and as whom
 * @param slotName the permanent replication slot, created by us: 1 to 63 characters {@code a-z 0-9 _}
 * @param publicationName the publication, created by us
 * @param schemas with no resources named: all tables of these schemas are resources
 * @param numbers how int8 and numeric of resources that are not named are written
 * @param resources the named resources; empty means all tables of {@code schemas}
 */
public record PostgresSource(
        PostgresAddress address,
        String slotName,
        String publicationName,
        List<String> schemas,
        ResourceConfig.Numbers numbers,
        List<ResourceConfig> resources)
        implements SourceConfig {

    /** The slot and publication unless the configuration names others. */
    public static final String DEFAULT_NAME = "rowtide";

    private static final int MAX_SLOT_NAME = 63;

    /** @throws IllegalArgumentException with a sentence for the person who wrote the configuration */
    public PostgresSource {
        schemas = List.copyOf(schemas);
        resources = List.copyOf(resources);
        if (!slotName.matches("[a-z0-9_]{1," + MAX_SLOT_NAME + "}")) {
            throw new IllegalArgumentException("a slot name has 1 to " + MAX_SLOT_NAME
                    + " characters of a-z, 0-9 and _, which '" + slotName + "' has not");
        }
        if (publicationName.isEmpty() || publicationName.length() > MAX_SLOT_NAME) {
            throw new IllegalArgumentException(
                    "a publication name has 1 to " + MAX_SLOT_NAME + " characters, not '" + publicationName + "'");
        }
        if (schemas.isEmpty() && resources.isEmpty()) {
            throw new IllegalArgumentException(
                    "with no resources and no schemas there is nothing to tail: name at least one");
        }
    }

    /** Whether every table of the schemas is a resource, also those that are created later. */
    public boolean allTables() {
        return resources.isEmpty();
    }

    @Override
    public String displayName() {
        return address.displayName();
    }
}
