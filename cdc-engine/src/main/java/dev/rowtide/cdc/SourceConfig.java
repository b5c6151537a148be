package dev.rowtide.cdc;

import java.nio.file.Path;

/** Which database to tail. A further kind is one record that implements this, and its name after {@code permits}. */
public sealed interface SourceConfig permits PostgresSource {

    /** The database for people: never with a password. */
    String displayName();

    /** The log of that database, with its state in {@code dataDirectory}. */
    LogSource open(Path dataDirectory);
}
