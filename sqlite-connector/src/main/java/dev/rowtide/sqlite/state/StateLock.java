package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps others out of a state directory: other processes by a lock on the file {@code lock}, others in this one by a note in the system properties.
 *
 * <p>The note comes first and is looked at without touching the file, because on POSIX closing any descriptor of a file drops all locks that the process has on it. It is in the
 * system properties and not in a static field because a plugin may be loaded by two class loaders.
 */
final class StateLock implements AutoCloseable {
    private final String note;
    private final RandomAccessFile file;

    private StateLock(String note, RandomAccessFile file) {
        this.note = note;
        this.file = file;
    }

    /** @throws StateInUseException if somebody has it */
    static StateLock acquire(Path directory) throws IOException {
        String note = "dev.rowtide.sqlite.state:" + directory.toRealPath();
        if (System.getProperties().putIfAbsent(note, "in use") != null) {
            throw new StateInUseException("The state directory " + directory
                    + " is in use by another connector of this process: give each connector a directory of its own");
        }
        RandomAccessFile file = null;
        boolean acquired = false;
        try {
            file = StateFiles.openPrivate(directory.resolve("lock"));
            if (tryLock(file) == null) {
                throw new StateInUseException("The state directory " + directory
                        + " is in use by another process: stop it, or give this connector a directory of its own");
            }
            acquired = true;
            return new StateLock(note, file);
        } finally {
            if (!acquired) {
                System.getProperties().remove(note);
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    private static @Nullable FileLock tryLock(RandomAccessFile file) throws IOException {
        try {
            return file.getChannel().tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            System.getProperties().remove(note);
        }
    }
}
