package dev.rowtide.app.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that goes with its process. A process that is killed cannot take it along, so the next one that makes such a folder removes it: one with our marker in it, whose owner is this user, and whose marker nobody holds
 * locked any more. A lock and not a process id: ids are used again, and a container does not see those of another that shares the folder around ours.
 */
final class TemporaryFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);

    private static final String PREFIX = "rowtide-";
    private static final String MARKER = ".rowtide-temporary";
    private static final int NAMES_TO_TRY = 100;
    /** Four digits of this base: short enough to be read out. */
    private static final int BASE = Character.MAX_RADIX;

    private static final int NAMES = BASE * BASE * BASE * BASE;

    /** Those of this process. Closing a second channel to one of their markers would give up the lock. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel marker;

    private TemporaryFolder(Path path, FileChannel marker) {
        this.path = path;
        this.marker = marker;
    }

    /**
     * Makes one in {@code parent}, for this user only, and removes those that dead processes left there.
     *
     * @param purpose a part of its name, for people
     * @throws IOException with a sentence, if it cannot be made
     */
    static TemporaryFolder in(Path parent, String purpose) throws IOException {
        Path path = newFolder(parent, PREFIX + purpose + '-');
        // Locked before it has its name: whoever finds a marker that is not locked may remove the folder.
        Path unnamed = path.resolve(MARKER + ".new");
        FileChannel marker = FileChannel.open(
                unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        TemporaryFolder folder = new TemporaryFolder(path, marker);
        OWN.add(path);
        try {
            marker.lock();
            marker.write(StandardCharsets.UTF_8.encode("Rowtide removes this folder when process "
                    + ProcessHandle.current().pid() + " is gone.\n"));
            Files.move(unnamed, path.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            folder.close();
            throw e;
        }
        removeAbandoned(parent, path);
        return folder;
    }

    private static Path newFolder(Path parent, String prefix) throws IOException {
        FileAttribute<?>[] ownersOnly =
                parent.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
        for (int i = 0; i < NAMES_TO_TRY; i++) {
            int number = NAMES + ThreadLocalRandom.current().nextInt(NAMES);
            String name = prefix + Integer.toString(number, BASE).substring(1);
            try {
                return Files.createDirectory(parent.resolve(name), ownersOnly);
            } catch (FileAlreadyExistsException e) {
                // Another name, then.
            } catch (IOException e) {
                throw new IOException(
                        "no temporary folder can be made in " + parent + ": " + e.getMessage()
                                + ". Set TMPDIR to a folder that can be written to, on a local disk",
                        e);
            }
        }
        throw new IOException(parent + " is full of folders " + prefix + "…: remove those that nobody uses");
    }

    Path path() {
        return path;
    }

    /** Removes it with all that is in it; says so in the log if that fails. Whoever has a file in it open keeps it, without a name. */
    @Override
    public void close() {
        try {
            remove(path);
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", path, e.toString());
        }
        try {
            marker.close();
        } catch (IOException e) {
            LOG.debug("The marker of {} was not closed", path, e);
        }
        OWN.remove(path);
    }

    private static void removeAbandoned(Path parent, Path own) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + '*')) {
            for (Path folder : folders) {
                if (!OWN.contains(folder)) {
                    removeIfAbandoned(folder, own);
                }
            }
        } catch (IOException e) {
            LOG.debug("What others left in {} was not looked at", parent, e);
        }
    }

    private static void removeIfAbandoned(Path folder, Path own) {
        Path marker = folder.resolve(MARKER);
        try {
            // The user's own, or somebody else could exchange what is in it while it is removed.
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    || !Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(marker, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    remove(folder);
                }
            }
        } catch (IOException e) {
            LOG.debug("{} was not removed", folder, e);
        }
    }

    /** The marker last: what is left when this is interrupted has to be found again. Follows no links. */
    private static void remove(Path folder) throws IOException {
        Path marker = folder.resolve(MARKER);
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(marker)) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // somebody was faster
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                if (directory.equals(folder)) {
                    Files.deleteIfExists(marker);
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
