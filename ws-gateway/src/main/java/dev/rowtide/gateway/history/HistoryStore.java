package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.util.List;

/**
 * Where changes are while nobody looks at them. The publisher's thread writes; packs are read and forgotten by others.
 */
public sealed interface HistoryStore extends AutoCloseable permits MemoryStore, DiskStore {

    /** Changes that were appended together. */
    interface Pack {
        /** What it takes, in bytes. */
        int bytes();

        /**
         * The changes. From any thread but the fan-out thread, which must not wait for a disk.
         *
         * @throws IOException if they cannot be read any more
         */
        List<DataChangeEvent> read() throws IOException;

        /** They are not wanted any more. From any thread. */
        void forget();
    }

    /** What an earlier process has left. */
    record Found(Pack pack, List<DataChangeEvent> events) {}

    /** Takes what is left of an earlier process. */
    interface Recovery {
        /** From here on everything is there. Comes first, and again when the changes that were found before are not usable. */
        void from(Position start);

        void found(Found changes);

        void reached(Position boundary);
    }

    /** Tells what an earlier process has kept, oldest first; nothing if it kept nothing. Once, before anything is appended. */
    void recover(Recovery recovery) throws IOException;

    /**
     * Keeps changes, which follow those before them without a hole.
     *
     * @throws IOException if they could not be kept; then they are not
     */
    Pack append(List<DataChangeEvent> events) throws IOException;

    /** Everything before {@code boundary} has been appended. */
    void reached(Position boundary) throws IOException;

    /** Forgets everything: what comes follows {@code start}, and nothing of before belongs to it. */
    void restart(Position start) throws IOException;

    @Override
    void close();
}
