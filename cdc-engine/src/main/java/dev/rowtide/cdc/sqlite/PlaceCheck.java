package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.SqliteSource;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Where the database lies, and where its copy will: file systems, names and space. */
final class PlaceCheck {
    /** Those that the connector accepts, too: local ones, where all users of a file share memory. */
    private static final Set<String> SOUND = Set.of(
            "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "apfs", "hfs", "ntfs", "ntfs3",
            "refs");

    /** What the log and the changes that wait may need beside the copy, at least. */
    private static final long SPARE_BYTES = 256L << 20;

    private PlaceCheck() {}

    static List<Finding> examine(Path file, SqliteSource source, Path dataDirectory) throws IOException {
        List<Finding> findings = new ArrayList<>();
        String type = Files.getFileStore(file).type();
        if (!SOUND.contains(type.toLowerCase(Locale.ROOT))) {
            String sentence =
                    "the database is on the file system " + type + ", and following its log needs memory and locks"
                            + " that all users of the file share, which network, FUSE and virtual machine file systems do not give:"
                            + " put it on a local disk";
            findings.add(
                    source.follow().anyFileSystem()
                            ? Finding.warning(
                                    "file system", sentence + ". sqlite.any-file-system accepts it all the same")
                            : Finding.error(
                                    "file system",
                                    sentence + ", or, if you know that every user of it runs on this kernel, accept it",
                                    "sqlite.any-file-system: true"));
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(file, "unix:nlink") instanceof Integer names
                && names > 1) {
            findings.add(
                    Finding.warning(
                            FileCheck.SUBJECT,
                            "it has " + names
                                    + " names (hard links), and SQLite names the log after the one that is used: programs"
                                    + " that use another name destroy the database, and their changes are not seen. Remove all names but one"));
        }
        space(file, dataDirectory, findings);
        return findings;
    }

    private static void space(Path file, Path dataDirectory, List<Finding> findings) throws IOException {
        Path existing = dataDirectory.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        Path copy = dataDirectory.resolve(SqliteLog.STATE_DIRECTORY);
        if (existing == null || new StateDirectory(copy).read().isPresent()) {
            return;
        }
        FileStore store = Files.getFileStore(existing);
        long size = Files.size(file);
        if (store.getUsableSpace() < size + SPARE_BYTES) {
            findings.add(Finding.error(
                    "space",
                    "a copy of the database is kept in " + copy + ", which needs " + (size >> 20)
                            + " MB and some room ("
                            + (SPARE_BYTES >> 20) + " MB) for changes that wait, and there are "
                            + (store.getUsableSpace() >> 20) + " MB free: make room, or give another data-dir"));
        }
    }
}
