package dev.rowtide.cdc;

/** Which database to tail. A further kind is one record that implements this, and its name after {@code permits}. */
public sealed interface SourceConfig permits PostgresSource {

    /** The database for people: never with a password. */
    String displayName();
}
