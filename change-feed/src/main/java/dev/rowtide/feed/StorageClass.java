package dev.rowtide.feed;

/** What a value is in SQLite, whose columns take values of every class. */
public enum StorageClass {
    INTEGER,
    REAL,
    TEXT,
    BLOB
}
