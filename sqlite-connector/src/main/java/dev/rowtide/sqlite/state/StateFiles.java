package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The files of a state directory: their names, who may read them, and how they get to the disk. They hold all the data of the database, also rows that were deleted a moment ago, so
 * nobody but the owner may read them.
 *
 * <p>Files are read and written by {@link RandomAccessFile}: an interrupt closes a {@link FileChannel}, and frameworks interrupt the thread that emits.
 */
final class StateFiles {
    private final Path directory;
    private final boolean sync;
    private final Probe probe;

    StateFiles(Path directory, boolean sync, Probe probe) {
        this.directory = directory;
        this.sync = sync;
        this.probe = probe;
    }

    Path directory() {
        return directory;
    }

    Path shadow() {
        return directory.resolve("shadow.db");
    }

    Path meta() {
        return directory.resolve("shadow.meta");
    }

    Path spool() {
        return directory.resolve("spool");
    }

    boolean sync() {
        return sync;
    }

    void probe(Step step) throws IOException {
        probe.before(step);
    }

    /** Opens a file for writing, and makes it if needed. */
    static RandomAccessFile openPrivate(Path file) throws IOException {
        try {
            Files.createFile(file, ownerOnly(file, "rw-------"));
        } catch (FileAlreadyExistsException e) {
            // Then it has the right permissions, or those that somebody gave it on purpose.
        }
        return new RandomAccessFile(file.toFile(), "rw");
    }

    static void createPrivateDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try {
                Files.createDirectory(directory, ownerOnly(directory, "rwx------"));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(directory)) {
                    throw new IOException(directory + " is not a directory: name another state directory", e);
                }
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    /** Forces everything that was written to a file, through whatever descriptor, to the disk. */
    void force(Path file, Step step) throws IOException {
        if (sync) {
            probe(step);
            try (RandomAccessFile handle = new RandomAccessFile(file.toFile(), "rw")) {
                handle.getFD().sync();
            }
        }
    }

    /** Forces the names in a directory to the disk. Where that is impossible (Windows) it is not needed either. */
    void forceDirectory(Path path) throws IOException {
        if (sync && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            probe(Step.DIRECTORY_SYNC);
            try (FileChannel handle = FileChannel.open(path, StandardOpenOption.READ)) {
                handle.force(true);
            }
        }
    }

    /** Replaces {@code shadow.meta}: at any moment it is the old one or the new one. */
    void replaceMeta(byte[] content) throws IOException {
        Path temporary = directory.resolve("shadow.meta.new");
        try (RandomAccessFile file = openPrivate(temporary)) {
            probe(Step.META_WRITE);
            file.setLength(0);
            file.write(content);
            if (sync) {
                probe(Step.META_SYNC);
                file.getFD().sync();
            }
        }
        probe(Step.META_RENAME);
        Files.move(temporary, meta(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(directory);
    }

    /** The exception for what no crash can have done. */
    IOException damaged(String what) {
        return new DamagedStateException("The state directory " + directory + " is damaged: " + what
                + ". Delete the directory; the connector then makes a new copy of the database");
    }
}
