package dev.rowtide.cdc.sqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where the JDBC driver unpacks SQLite's native library. By default that is the system's temporary folder, where each process that is killed leaves a megabyte for ever, and where others
 * may write.
 */
final class NativeLibrary {
    private static final String PROPERTY = "org.sqlite.tmpdir";
    private static final String FOLDER = "native";

    private NativeLibrary() {}

    /**
     * Makes the driver use a folder in {@code dataDirectory}, and takes away what a killed process left there. Before the driver is first used; whoever has set the place already keeps
     * it.
     *
     * @throws UncheckedIOException if the folder cannot be made
     */
    static synchronized void keepIn(Path dataDirectory) {
        if (System.getProperty(PROPERTY) != null) {
            return;
        }
        Path folder = dataDirectory.resolve(FOLDER).toAbsolutePath();
        try {
            Files.createDirectories(dataDirectory);
            if (!Files.isDirectory(folder)) {
                if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.createDirectory(
                            folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                } else {
                    Files.createDirectory(folder);
                }
            }
            removeLeftovers(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the data directory " + dataDirectory.toAbsolutePath() + " cannot be used: " + e.getMessage(), e);
        }
        System.setProperty(PROPERTY, folder.toString());
    }

    /** A library that another process still has mapped survives its name on Unix, and cannot be deleted on Windows. */
    private static void removeLeftovers(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "sqlite-*")) {
            for (Path file : files) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException inUse) {
                    // The next start finds it.
                }
            }
        }
    }
}
