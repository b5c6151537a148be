package dev.rowtide.gateway.history;

/** Which changes a reader of the history may want. What is wanted for sure is decided when the change itself is at hand. */
public interface Interest {
    /** All changes of a resource. */
    boolean inResource(String resource);

    /** Changes of the record of that {@linkplain Segment#key key}. */
    boolean inRecord(long key);

    /** Changes of some record of a resource: a truncation concerns them all. */
    boolean inRecordsOf(String resource);

    /** The keys of {@link #inRecord}, each once, in any order. */
    long[] recordKeys();
}
