package dev.rowtide.cdc;

import java.nio.file.Path;
import java.util.List;

/** Which database to tail. A further kind is one record that implements this, and its name after {@code permits}. */
public sealed interface SourceConfig permits PostgresSource, SqliteSource {

    /** The database for people: never with a password. */
    String displayName();

    /** Where in the database the changes are read, for people. */
    String logName();

    /** The named resources; empty means {@link #unnamedResources}. */
    List<ResourceConfig> resources();

    /** What is a resource if none is named, for people: {@code every table of public}. */
    String unnamedResources();

    /** Whether every table is a resource, also those that are created later. */
    default boolean allTables() {
        return resources().isEmpty();
    }

    /**
     * Examines the database, changing nothing: what keeps changes from flowing, or will. Not while this process reads that database's log.
     *
     * @param dataDirectory where its state is, or will be
     * @param conditions by which somebody decides who is shown which rows: they have to fit the columns, also of old rows
     * @return the findings, the worst first; one with the subject {@code connection} may pass by itself
     */
    List<Finding> examine(Path dataDirectory, List<RowCondition> conditions);

    /**
     * What the rows of its resources look like. Opens a connection of its own and closes it; blocks as long as the database takes to answer.
     *
     * @return sorted by public name
     * @throws SourceFailure if it cannot be asked
     */
    List<ResourceRows> describeRows() throws SourceFailure;

    /** The log of that database, with its state in {@code dataDirectory}. */
    LogSource open(Path dataDirectory);
}
